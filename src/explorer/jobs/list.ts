import { element, fill } from '../dom/element.ts';
import type { JobPage, JobSummary } from '../service/jobs.ts';
import { jobStatuses } from '../service/jobs.ts';
import { createProgressBars } from './progress.ts';
import { durationInWords, progressParts, retriedInWords, statusWords, timeInWords } from './words.ts';

/** Which jobs are listed. */
type Filter = { readonly status: string; readonly cursor: string | undefined };

type Row = { readonly dom: HTMLElement; readonly show: (job: JobSummary) => void };

/** Returns the list of jobs, the newest first, with a choice of status and the way to the next page. */
export function createList(onFilter: () => void) {
  let cursor: string | undefined;
  let next: string | undefined;
  const rows = new Map<string, Row>();
  const list = element('ol', { class: 'jobs', id: 'jobs-list' });
  const none = element('p', { class: 'aside', hidden: true });
  const turnTo = (to: string | undefined) => {
    cursor = to;
    onFilter();
  };
  const status = element(
    'select',
    { id: 'jobs-status', onchange: () => turnTo(undefined) },
    element('option', { value: '' }, 'all'),
    jobStatuses.map((name) => element('option', { value: name }, statusWords[name])),
  );
  const first = element('button', { type: 'button', onclick: () => turnTo(undefined) }, 'First page');
  const following = element('button', { type: 'button', onclick: () => turnTo(next) }, 'Next page');
  const showPages = () => {
    first.hidden = cursor === undefined;
    following.hidden = next === undefined;
  };
  showPages();
  return {
    dom: element(
      'div',
      {},
      element('div', { class: 'bar' }, element('label', {}, 'status ', status)),
      list,
      none,
      element('div', { class: 'bar' }, first, following),
    ),
    filter: (): Filter => ({ status: status.value, cursor }),
    /** Shows a page. Rows that stay keep their elements, and so the focus. */
    show(page: JobPage) {
      next = page.cursor;
      showPages();
      const ids = page.jobs.map(({ id }) => id);
      for (const id of rows.keys()) if (!ids.includes(id)) rows.delete(id);
      for (const job of page.jobs) {
        if (!rows.has(job.id)) rows.set(job.id, createRow(job.id));
        rows.get(job.id)?.show(job);
      }
      const doms = ids.map((id) => rows.get(id)?.dom);
      if (doms.length !== list.childElementCount || doms.some((dom, place) => dom !== list.children[place])) {
        const focused = document.activeElement;
        fill(list, doms);
        if (focused instanceof HTMLElement && list.contains(focused)) focused.focus({ preventScroll: true });
      }
      none.hidden = ids.length > 0;
      fill(none, status.value === '' ? 'There are no jobs yet.' : 'No job has this status.');
    },
    /** Shows a job that is known anew, if it is on this page. */
    update: (job: JobSummary) => rows.get(job.id)?.show(job),
    /** Marks the job that is shown below. */
    mark(id: string | undefined) {
      for (const [other, { dom }] of rows) dom.querySelector('a')?.setAttribute('aria-current', String(other === id));
    },
  };
}

function createRow(id: string): Row {
  const badge = element('span', { class: 'badge' });
  const bars = createProgressBars(['shards']);
  const amounts = element('span', { class: 'aside' });
  const times = element('span', { class: 'aside' });
  return {
    dom: element(
      'li',
      { 'data-job': id },
      element('div', { class: 'job-line' }, element('a', { href: `#jobs/${id}` }, element('code', {}, id)), badge),
      bars.dom,
      element('div', { class: 'job-line' }, amounts, times),
    ),
    show(job) {
      badge.dataset.status = job.status;
      fill(badge, statusWords[job.status]);
      bars.show(job);
      const [, distributions, bytes] = progressParts(job);
      fill(amounts, [distributions.words, bytes.words, retriedInWords(job)].filter((words) => words !== '').join(' · '));
      fill(times, timesInWords(job));
    },
  };
}

function timesInWords({ created_at: created, started_at: started, finished_at: finished }: JobSummary): string {
  if (finished === undefined) return started === undefined ? `submitted ${timeInWords(created)}` : `started ${timeInWords(started)}`;
  const took = started === undefined ? '' : `, took ${durationInWords(Date.parse(finished) - Date.parse(started))}`;
  return `finished ${timeInWords(finished)}${took}`;
}
