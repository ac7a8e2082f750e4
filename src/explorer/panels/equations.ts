import { element } from '../dom/element.ts';
import { counted, inShort } from '../pictures/numbers.ts';
import { countsOnlyRead, unitCount } from '../pictures/units.ts';
import type { Seen } from '../results/seen.ts';
import type { Info, KlAnswer, Warning } from '../service/answers.ts';
import type { Layout } from '../tensors/layout.ts';

/** A reduction as a sum, what it is divided by, and the value. */
type Equation = { readonly name: string; readonly divisor: number; readonly value: number; readonly divides: string };

const order = ['sum', 'mean', 'batchmean', 'distribution_mean'];

type Reduced = Pick<KlAnswer, 'divisors' | 'dim'> & { readonly results: Readonly<Record<string, unknown>> };

/** How many distributions have a weight above 0, and whether these weights are known to differ from 1. */
type Weights = { readonly read: number; readonly isWeighted: boolean };

/** Returns the reductions that are numbers, each with what its divisor counts. */
export function equationsOf({ results, divisors, dim }: Reduced, layout: Layout, weights: Weights): Equation[] {
  return order
    .filter((name) => name in results)
    .map((name) => {
      const divisor = divisors[name] ?? 1;
      return { name, divisor, value: Number(results[name]), divides: dividesBy(name, divisor, { layout, dim, ...weights }) };
    });
}

type Counted = Weights & { readonly layout: Layout; readonly dim: readonly number[] };

function dividesBy(name: string, divisor: number, { layout, dim, read, isWeighted }: Counted): string {
  const count = unitCount(name, layout);
  if (divisor !== count || (isWeighted && countsOnlyRead(name))) {
    const isMask = !isWeighted && divisor === (name === 'mean' ? (read * count) / unitCount('distribution_mean', layout) : read);
    if (name === 'mean') return isMask ? `the ${counted(divisor, 'element')} that are read` : 'the weight of all elements';
    return isMask
      ? `the ${counted(divisor, 'distribution')} of weight 1: the mean divergence`
      : 'the sum of the weights: the weighted mean';
  }
  if (name === 'sum') return 'nothing: all terms together';
  if (name === 'mean') return count === 1 ? 'the only element' : `all ${counted(count, 'element')}, outcome by outcome`;
  if (name === 'batchmean')
    return `the ${counted(count, 'row')} of axis 0${dim.includes(0) ? ', which are outcomes here, not a batch' : ''}`;
  return `the ${counted(count, 'distribution')}: the mean divergence`;
}

type Actions = {
  readonly isWeighted: boolean;
  readonly shown: string;
  readonly info: Info | undefined;
  readonly onShow: (name: string) => void;
  readonly onLook: (name: string | undefined) => void;
};

/** Returns the list of equations. The first, or the one pointed at or focused, has its parts numbered in the grid. */
export function equationList(seen: Seen, layout: Layout, { isWeighted, shown, info, onShow, onLook }: Actions): HTMLElement {
  const read = seen.perDistribution.data.filter((value) => !Number.isNaN(value)).length;
  const equations = equationsOf(seen.answer, layout, { read, isWeighted });
  const total = totalOf(equations);
  const inOrder = equations.toSorted((a, b) => Number(b.name === shown) - Number(a.name === shown));
  return element(
    'ol',
    { class: 'equations' },
    inOrder.map((equation) => {
      const { name } = equation;
      const said = warningsOf(name, seen.answer.warnings);
      const button = element(
        'button',
        {
          type: 'button',
          'aria-pressed': name === shown ? 'true' : 'false',
          'data-reduction': name,
          onclick: () => onShow(name),
          onpointerenter: () => onLook(name),
          onpointerleave: () => onLook(undefined),
          onfocus: () => onLook(name),
          onblur: () => onLook(undefined),
        },
        equationWords(equation, total, info),
      );
      return element('li', {}, button, said.map(note));
    }),
  );
}

/** The sum of all terms, which every reduction divides. */
export function totalOf(equations: readonly Equation[]): number {
  const [first] = equations;
  return first === undefined ? Number.NaN : first.value * first.divisor;
}

/** Returns a reduction as it is read: what it is called elsewhere, the division, and what its divisor counts. */
export function equationWords({ name, divisor, value, divides }: Equation, total: number, info: Info | undefined): HTMLElement[] {
  const same = info?.reductions.find((reduction) => reduction.name === name)?.equivalent_to;
  return [
    element(
      'span',
      { class: 'reduction' },
      element('code', {}, name),
      same !== undefined && element('span', { class: 'same' }, `as ${same.replaceAll('`', '')}`),
    ),
    element(
      'span',
      { class: 'equation' },
      element('span', { class: 'total' }, inShort(total)),
      ' ÷ ',
      element('span', { class: 'divisor' }, inDivisor(divisor)),
      ' = ',
      element('strong', { title: String(value) }, inShort(value)),
    ),
    element('span', { class: 'divides' }, `divides by ${divides}`),
  ];
}

/** Returns the reductions that are numbers with all their digits, for a spreadsheet. */
export function valuesAsText({ answer }: Seen): string {
  const rows = order
    .filter((name) => name in answer.results)
    .map((name) => `${name}\t${answer.divisors[name] ?? ''}\t${answer.results[name]}`);
  return ['reduction\tdivisor\tvalue', ...rows].join('\n');
}

function inDivisor(divisor: number): string {
  return Number.isInteger(divisor) ? String(divisor) : inShort(divisor);
}

/** Returns a warning as one reads it. */
export function note({ code, severity, message }: Warning): HTMLElement {
  return element('p', { class: `note ${severity}`, 'data-code': code }, message);
}

/** Returns what is said of reductions that are no numbers: of the terms and the divergences in the grid. */
export function tensorNotes({ answer }: Seen): HTMLElement[] {
  const said = order.flatMap((name) => warningsOf(name, answer.warnings));
  return answer.warnings.filter((warning) => warning.pointer === '#/reduction' && !said.includes(warning)).map(note);
}

/** Warnings about reductions begin with the name of the one that they are about. */
function warningsOf(name: string, warnings: readonly Warning[]): Warning[] {
  return warnings.filter(({ pointer, message }) => pointer === '#/reduction' && message.split(/[ ,]/, 1)[0] === name);
}
