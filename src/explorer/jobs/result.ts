import { element, fill } from '../dom/element.ts';
import { equationWords, note } from '../panels/equation-list.ts';
import { equationsOf, totalOf } from '../panels/equations.ts';
import { areFarApart } from '../panels/family.ts';
import { createFigure } from '../panels/figure.ts';
import { drawFamily, membersOf } from '../pictures/family.ts';
import { counted, inShort } from '../pictures/numbers.ts';
import type { FamilyAnswer, Info, KlAnswer } from '../service/answers.ts';
import type { ItemAnswer, Job, PairAnswer } from '../service/jobs.ts';
import { layoutOf } from '../tensors/layout.ts';
import { headRow, statisticsView } from './statistics.ts';
import { hasWeights, meanInWords } from './words.ts';

/** Returns the result of a job as the page shows answers; of many pairs, that of the one which is chosen. */
export function resultView(result: NonNullable<Job['result']>, info: Info | undefined): HTMLElement {
  if (!('items' in result)) return element('div', { class: 'result' }, pairView(result, info));
  const { items } = result;
  const place = element('div', { 'aria-live': 'polite' });
  const choice = chooser('pair ', items.map(nameOf), (position) => fill(place, pairView(items[position], info)));
  return element('div', { class: 'result' }, element('p', {}, choice, ` of ${counted(items.length, 'pair')}`), place);
}

function nameOf({ id }: ItemAnswer, position: number): string {
  return id === undefined ? String(position) : String(id);
}

/** A label with a list to choose from; the first is chosen. */
function chooser(label: string, names: readonly string[], onChoose: (position: number) => void): HTMLElement {
  const select = element(
    'select',
    { onchange: () => onChoose(select.selectedIndex) },
    names.map((name) => element('option', {}, name)),
  );
  onChoose(0);
  return element('label', {}, label, select);
}

function pairView(answer: PairAnswer, info: Info | undefined): (HTMLElement | false)[] {
  const { shape, distributions, support_size: outcomes, warnings } = answer;
  const agreement = answer.statistics?.top_1_agreement;
  return [
    element(
      'p',
      { class: 'aside' },
      `Tensors of ${shape.join(' × ')}: ${counted(distributions, 'distribution')} of ${counted(outcomes, 'outcome')} each.`,
      agreement !== undefined && ` Both sides have the same likeliest outcome in ${(100 * agreement.share).toFixed(1)} % of them.`,
    ),
    element('div', {}, warnings.map(note)),
    ...('divergences' in answer ? familyView(answer) : klView(answer, info)),
  ];
}

function klView(answer: KlAnswer, info: Info | undefined): HTMLElement[] {
  const { statistics, shape, dim, distributions } = answer;
  const layout = layoutOf(shape.length === 0 ? [1] : shape, dim);
  const equations = equationsOf(answer, layout, { read: statistics?.count ?? distributions, isWeighted: hasWeights(answer) });
  const total = totalOf(equations);
  return [
    element(
      'ol',
      { class: 'equations plain' },
      equations.map((equation) => element('li', { 'data-reduction': equation.name }, equationWords(equation, total, info))),
    ),
    ...(statistics === undefined ? [] : [element('h4', {}, 'All distributions'), statisticsView(statistics, 'KL', meanInWords(answer))]),
  ];
}

function familyView(answer: FamilyAnswer): HTMLElement[] {
  const entries = Object.entries(answer.divergences);
  const reductions = Object.keys(entries[0][1].results);
  const described = entries.flatMap(([name, { statistics }]) => (statistics === undefined ? [] : [{ name, statistics }]));
  return [
    ...(reductions.includes('distribution_mean') ? [familyFigure(answer)] : []),
    element(
      'div',
      { class: 'scrolled', tabindex: 0, role: 'region', 'aria-label': 'All divergences as a table' },
      element(
        'table',
        {},
        element('thead', {}, headRow('divergence', ...reductions.map((name) => `${name} (÷ ${answer.divisors[name]})`))),
        element(
          'tbody',
          {},
          entries.map(([name, { results }]) =>
            element(
              'tr',
              { 'data-divergence': name },
              element('th', { scope: 'row' }, element('code', {}, name)),
              reductions.map((reduction) => numberCell(Number(results[reduction]))),
            ),
          ),
        ),
      ),
    ),
    ...(described.length === 0 ? [] : [element('h4', {}, 'All distributions'), describedView(described, meanInWords(answer))]),
  ];
}

function numberCell(value: number): HTMLElement {
  return element('td', { class: 'number', title: String(value) }, inShort(value));
}

type Described = { readonly name: string; readonly statistics: NonNullable<KlAnswer['statistics']> };

function describedView(described: readonly Described[], mean: string): HTMLElement {
  const place = element('div');
  const names = described.map(({ name }) => name);
  const choice = chooser('divergence ', names, (position) => {
    const { name, statistics } = described[position];
    fill(place, statisticsView(statistics, name, mean));
  });
  return element('div', {}, choice, place);
}

function familyFigure(answer: FamilyAnswer): HTMLElement {
  const figure = createFigure('family');
  const members = membersOf(answer);
  const checked = areFarApart(members.map(({ value }) => value));
  const box = element('input', { type: 'checkbox', checked, onchange: () => drawNow() });
  const drawNow = () =>
    figure.show(
      (width) => drawFamily(members, box.checked, width),
      `Each is the ${meanInWords(answer)} over the distributions. Divergences without a unit have no logarithm.`,
      () => members.map(({ name, value, unit }) => `${name}\t${value}\t${unit}`).join('\n'),
    );
  drawNow();
  return element('div', {}, element('div', { class: 'bar' }, element('label', {}, box, ' log scale')), figure.dom);
}
