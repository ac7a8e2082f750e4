import { element } from '../dom/element.ts';
import { inShort } from '../pictures/numbers.ts';
import type { Seen } from '../results/seen.ts';
import type { Info, Warning } from '../service/answers.ts';
import type { Layout } from '../tensors/layout.ts';
import { type Equation, equationsOf, order, totalOf } from './equations.ts';

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
