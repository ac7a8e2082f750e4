import { element, fill } from '../dom/element.ts';
import type { JobSummary } from '../service/jobs.ts';
import { progressParts } from './words.ts';

/** Bars of a job, each with its numbers beside it. They are kept while the job goes on, so that a screen reader stays where it is. */
type ProgressBars = { readonly dom: HTMLElement; readonly show: (job: JobSummary) => void };

export function createProgressBars(names: readonly string[]): ProgressBars {
  const rows = names.map((name) => {
    const bar = element('progress', { 'aria-label': name, max: 1 });
    const words = element('span', { class: 'amount' });
    return { name, bar, words, dom: element('div', { class: 'progress', 'data-progress': name }, bar, words) };
  });
  return {
    dom: element(
      'div',
      { class: 'progresses' },
      rows.map(({ dom }) => dom),
    ),
    show(job) {
      for (const part of progressParts(job)) {
        const row = rows.find(({ name }) => name === part.name);
        if (row === undefined) continue;
        row.bar.value = part.total === 0 ? Number(job.status === 'succeeded') : part.done / part.total;
        row.bar.setAttribute('aria-valuetext', part.words);
        fill(row.words, part.words);
      }
    },
  };
}
