import { byId, element, fill } from '../dom/element.ts';
import { inShort } from '../pictures/numbers.ts';
import { fromJson } from '../tensors/tensor.ts';
import { copyText } from './copy.ts';
import type { Panel } from './view.ts';

/** Returns the panel that shows what libraries print for the same numbers, and what one types. */
export function createLibraries(): Panel {
  const body = byId('libraries-body');
  return {
    show({ explanation }) {
      byId('libraries').hidden = explanation === undefined;
      if (explanation === undefined) return;
      const rows = explanation.conventions.map(({ library, expression, note, value }) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, library),
          element(
            'td',
            {},
            element('code', {}, expression),
            ' ',
            element(
              'button',
              {
                type: 'button',
                class: 'copy',
                'aria-label': `Copy ${expression}`,
                onclick: () => copyText(expression, 'Expression copied'),
              },
              'Copy',
            ),
            element('span', { class: 'remark' }, note),
          ),
          element('td', { class: 'number' }, printed(value)),
        ),
      );
      const head = ['library', 'what one types', 'what it prints'].map((name) => element('th', { scope: 'col' }, name));
      fill(
        body,
        element(
          'div',
          { class: 'scrolled', tabindex: 0, role: 'region', 'aria-label': 'Table of what libraries print' },
          element('table', { class: 'libraries' }, element('thead', {}, element('tr', {}, head)), element('tbody', {}, rows)),
        ),
      );
    },
  };
}

/** A number as it is; of a tensor its first numbers and its shape. */
function printed(value: unknown): string {
  const { shape, data } = fromJson(value);
  const first = [...data.subarray(0, 3)].map(inShort).join(', ');
  if (shape.length === 0) return first;
  return `[${first}${data.length > 3 ? ', …' : ''}] (${shape.join(' × ')})`;
}
