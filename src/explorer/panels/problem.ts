import { element } from '../dom/element.ts';
import type { Info, Problem } from '../service/answers.ts';
import { Refusal } from '../service/client.ts';

/** Returns what a problem says: its title with a link to its code, what is wrong, and what to do. */
export function problemWords({ title, code, type, detail }: Problem, info: Info | undefined): HTMLElement[] {
  const remedy = info?.problems.find((known) => known.code === code)?.remedy;
  return [
    element('p', {}, element('strong', {}, title), code !== '' && element('a', { href: type === '' ? '/docs' : type }, code)),
    element('p', {}, detail),
    ...(remedy === undefined ? [] : [element('p', { class: 'remedy' }, remedy)]),
  ];
}

/** Returns the problem that an error is: that of the service, or one that says what the page found. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { type: '', title: 'This cannot be computed', status: 0, code: '', detail, errors: [], error_count: 1 };
}
