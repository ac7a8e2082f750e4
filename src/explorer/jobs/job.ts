import { element, fill } from '../dom/element.ts';
import { problemWords } from '../panels/problem.ts';
import type { Info } from '../service/answers.ts';
import type { Job } from '../service/jobs.ts';
import { createProgressBars } from './progress.ts';
import { resultView } from './result.ts';
import { bytesInWords, durationInWords, retriedInWords, statusWords, timeInWords } from './words.ts';

type Handlers = { readonly info: () => Info | undefined; readonly onCancel: (id: string) => void; readonly onDelete: (id: string) => void };

/** One job: what becomes of it, what became of it, and what can be done with it. */
type JobView = { readonly dom: HTMLElement; readonly show: (job: Job) => void };

/** Returns the view of a job. Its elements stay while it goes on. */
export function createJob(id: string, { info, onCancel, onDelete }: Handlers): JobView {
  // the status alone is said when it changes: numbers would be said each second
  const badge = element('span', { class: 'badge', role: 'status' });
  const bars = createProgressBars(['shards', 'distributions', 'bytes']);
  const retried = element('p', { class: 'aside' });
  const times = element('dl', { class: 'times' });
  const outcome = element('div');
  const actions = element('div', { class: 'job-actions' });
  const sources = element('div');
  let shown: string | undefined;
  return {
    dom: element(
      'div',
      { 'data-shown': id },
      element('p', { class: 'job-line' }, element('code', {}, id), badge),
      bars.dom,
      retried,
      actions,
      times,
      outcome,
      sources,
    ),
    show(job) {
      bars.show(job);
      const again = retriedInWords(job);
      retried.hidden = again === '';
      fill(retried, `${again}: a shard whose worker or source fails is computed anew, and counts once.`);
      if (shown === job.status) return;
      shown = job.status;
      badge.dataset.status = job.status;
      fill(badge, statusWords[job.status]);
      fill(times, timeRows(job));
      fill(actions, job.done ? deleteButton(job, onDelete) : cancelButton(job, onCancel));
      fill(outcome, outcomeOf(job, info()));
      fill(sources, sourceTable(job));
    },
  };
}

function timeRows({ created_at: created, started_at: started, finished_at: finished, expires_at: expires }: Job): HTMLElement[] {
  const took = started && finished && ` (took ${durationInWords(Date.parse(finished) - Date.parse(started))})`;
  const rows = [
    ['Submitted', created, ''],
    ['Started', started, ''],
    ['Finished', finished, took],
    ['Kept until', expires, ''],
  ] as const;
  return rows.flatMap(([name, time, more]) =>
    time === undefined ? [] : [element('dt', {}, name), element('dd', {}, element('time', { datetime: time }, timeInWords(time)), more)],
  );
}

function cancelButton({ id, status }: Job, onCancel: (id: string) => void): HTMLElement[] {
  const what = 'Shards that wait are dropped, those that run stop, and what was computed is lost.';
  const button = element('button', { type: 'button', disabled: status === 'cancelling', onclick: () => onCancel(id) }, 'Cancel the job');
  return [button, element('span', { class: 'hint' }, what)];
}

function deleteButton({ id, expires_at: expires }: Job, onDelete: (id: string) => void): HTMLElement[] {
  const kept = expires === undefined ? '' : `, before ${timeInWords(expires)}`;
  const button = element('button', { type: 'button', onclick: () => onDelete(id) }, 'Delete the job');
  return [button, element('span', { class: 'hint' }, `The service forgets the job and its result at once${kept}. Files stay.`)];
}

function outcomeOf({ result, problem }: Job, info: Info | undefined): HTMLElement[] {
  if (problem !== undefined) {
    const places = problem.errors.filter(({ pointer, detail }) => pointer !== '#' || detail !== problem.detail);
    const list = places.map(({ pointer, detail }) => element('li', {}, element('code', {}, pointer), ` ${detail}`));
    return [element('div', { class: 'problem' }, problemWords(problem, info), list.length > 0 && element('ul', { class: 'places' }, list))];
  }
  return result === undefined ? [] : [element('h3', {}, 'Result'), resultView(result, info)];
}

function sourceTable({ sources }: Job): HTMLElement[] {
  const rows = sources.map(({ uri, size }) =>
    element('tr', {}, element('th', { scope: 'row' }, element('code', {}, uri)), element('td', { class: 'number' }, bytesInWords(size))),
  );
  return [
    element('h3', {}, 'Sources'),
    element(
      'div',
      { class: 'scrolled', tabindex: 0, role: 'region', 'aria-label': 'Sources' },
      element(
        'table',
        { class: 'sources' },
        element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'file'), element('th', { scope: 'col' }, 'size'))),
        element('tbody', {}, rows),
      ),
    ),
  ];
}
