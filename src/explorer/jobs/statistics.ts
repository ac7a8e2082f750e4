import { element } from '../dom/element.ts';
import { createFigure } from '../panels/figure.ts';
import { grouped, indexInWords, inShort } from '../pictures/numbers.ts';
import { drawQuantiles } from '../pictures/quantiles.ts';
import type { Statistics } from '../service/answers.ts';

/** Returns how the divergences of all distributions lie: their quantiles as a picture and a table, and the largest with their indices. */
export function statisticsView(statistics: Statistics, noun: string, meanName: string): HTMLElement {
  const { count, infinite, mean, standard_error: error, minimum, maximum, quantiles, largest, quantile_error: off } = statistics;
  const rows: readonly (readonly [string, number])[] = [
    ['least', Number(minimum)],
    ...quantiles.map(({ quantile, value }) => [`${Number((100 * quantile).toPrecision(6))} %`, Number(value)] as const),
    ['largest', Number(maximum)],
  ];
  const figure = createFigure('quantiles', 560);
  const box = element('input', { type: 'checkbox', checked: areFarApart(rows), onchange: () => drawNow() });
  const numbers = () => ['quantile\tdivergence', ...rows.map(([name, value]) => `${name}\t${value}`)].join('\n');
  const said = [
    infinite > 0 ? `${grouped(infinite)} of the divergences are infinite.` : '',
    off === undefined ? '' : `Quantiles may be off by ${Number((100 * off).toPrecision(2))} % of their values.`,
  ];
  const drawNow = () => figure.show((width) => drawQuantiles(statistics, noun, box.checked, width), said.join(' ').trim(), numbers);
  drawNow();
  return element(
    'div',
    { class: 'side-by-side' },
    element(
      'div',
      {},
      element('div', { class: 'bar' }, element('label', {}, box, ' log scale')),
      figure.dom,
      element(
        'p',
        { class: 'aside' },
        `The ${meanName} of ${grouped(count)} distributions: ${inShort(Number(mean))}${error === null ? '' : ` ± ${inShort(Number(error))}`}.`,
      ),
    ),
    element('div', { class: 'tables' }, quantileTable(rows), largestTable(largest)),
  );
}

function quantileTable(rows: readonly (readonly [string, number])[]): HTMLElement {
  return element(
    'table',
    { class: 'quantiles' },
    element('caption', {}, 'Quantiles'),
    element('thead', {}, headRow('quantile', 'divergence')),
    element(
      'tbody',
      {},
      rows.map(([name, value]) =>
        element('tr', {}, element('th', { scope: 'row' }, name), element('td', { class: 'number', title: String(value) }, inShort(value))),
      ),
    ),
  );
}

function largestTable(largest: Statistics['largest']): HTMLElement {
  return element(
    'table',
    { class: 'largest' },
    element('caption', {}, 'The largest'),
    element('thead', {}, headRow('index', 'divergence')),
    element(
      'tbody',
      {},
      largest.map(({ index, value }) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, element('code', {}, indexInWords(index))),
          element('td', { class: 'number', title: String(value) }, inShort(Number(value))),
        ),
      ),
    ),
  );
}

export function headRow(...names: readonly string[]): HTMLElement {
  return element(
    'tr',
    {},
    names.map((name) => element('th', { scope: 'col' }, name)),
  );
}

/** Whether most of the quantiles would be one point on the scale of the largest. */
function areFarApart(rows: readonly (readonly [string, number])[]): boolean {
  const values = rows.map(([, value]) => value).filter(Number.isFinite);
  const middle = values[Math.floor(values.length / 2)];
  return values[0] > 0 && values[values.length - 1] > 30 * middle;
}
