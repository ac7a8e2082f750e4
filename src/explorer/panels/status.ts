import { byId, element, fill } from '../dom/element.ts';
import type { Info, Problem } from '../service/answers.ts';
import { type Finding, firstSentence } from '../state/findings.ts';
import { options } from '../state/options.ts';
import { problemWords } from './problem.ts';

/** What is being computed, what went wrong, and how many things are said elsewhere on the page. */
export function createStatus(onCancel: () => void) {
  const status = byId('status');
  const bar = element('progress', { max: 1, value: 0, 'aria-label': 'Request and answer' });
  const working = element(
    'div',
    { class: 'working', hidden: true },
    element('span', {}, 'The service computes …'),
    bar,
    element('button', { type: 'button', onclick: onCancel }, 'Cancel'),
  );
  const problem = element('div', { class: 'problem', hidden: true });
  const hints = element('ul', { class: 'hints' });
  fill(status, working, problem, hints);
  return {
    /** Shows a bar for what takes long; the rest is over before anybody reads it. */
    working(share: number | undefined) {
      working.hidden = share === undefined;
      if (share !== undefined) bar.value = share;
    },
    progress(share: number) {
      bar.value = share;
    },
    problem(shown: Problem | undefined, info: Info | undefined) {
      problem.hidden = shown === undefined;
      document.body.classList.toggle('stale', shown !== undefined);
      if (shown === undefined) return;
      fill(
        problem,
        problemWords(shown, info),
        document.body.classList.contains('answered') && element('p', {}, 'The pictures are those of the last answer.'),
      );
    },
    /** Names what is said beside the request, for those who look at the pictures. */
    hints(findings: readonly Finding[]) {
      const elsewhere = findings.filter(({ field, severity }) => field !== 'reduction' && severity !== 'error');
      fill(
        hints,
        elsewhere.map(({ code, severity, words, field }) =>
          element(
            'li',
            { class: `note ${severity}`, 'data-code': code },
            element('strong', {}, code),
            ` ${hasPlace(field) ? firstSentence(words) : words} `,
            hasPlace(field) && element('a', { href: '#request' }, `see ${field}`),
          ),
        ),
      );
    },
  };
}

/** Whether what is said of a field also stands beside it in the request. */
function hasPlace(field: string | undefined): boolean {
  return ['input', 'target', 'weights', ...options.map(({ name }) => name)].includes(field ?? '');
}
