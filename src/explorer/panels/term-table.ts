import { element } from '../dom/element.ts';
import { indexInWords, inShort } from '../pictures/numbers.ts';
import type { Seen } from '../results/seen.ts';
import { indexOf } from '../tensors/tensor.ts';

/** More rows than these are read in a spreadsheet, not on a page. */
const mostRows = 400;

/** Returns the terms as text with tabs, for a spreadsheet. */
export function termText({ terms, perDistribution }: Seen): string {
  const { shape, data } = terms ?? perDistribution;
  return ['index\tterm', ...Array.from(data, (value, position) => `${indexInWords(indexOf(position, shape))}\t${value}`)].join('\n');
}

/** Returns the terms as a table, for those who read rather than look. */
export function termTable({ terms, perDistribution }: Seen): HTMLElement {
  const { shape, data } = terms ?? perDistribution;
  if (data.length > mostRows) return element('p', { class: 'aside' }, 'Too many terms for a table: “Copy numbers” copies them all.');
  const rows = Array.from(data, (value, position) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, indexInWords(indexOf(position, shape))),
      element('td', { title: String(value) }, inShort(value)),
    ),
  );
  return element(
    'details',
    {},
    element('summary', {}, 'The terms as a table'),
    element(
      'div',
      { class: 'scrolled', tabindex: 0, role: 'region', 'aria-label': 'The terms as a table' },
      element(
        'table',
        {},
        element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'element'), element('th', { scope: 'col' }, 'term'))),
        element('tbody', {}, rows),
      ),
    ),
  );
}
