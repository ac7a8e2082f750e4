import { type SideName, sideNames } from '../core/comparison.ts';
import { smallestNormal } from '../core/distribution.ts';
import type { Axes } from '../tensor/axes.ts';
import { elementCount, elementOf, type Numbers, type Tensor } from '../tensor/tensor.ts';
import { type Finding, inWords, type WarningContext } from './warning.ts';

/** Bytes of another order or dtype show in any part of a tensor: so many of its numbers are looked at. */
const sampled = 64;

const huge = 1e100;

/** Sides most of whose numbers are those of bytes that were read in another order, or as another dtype, than they were written. */
export function suspiciousBytes({ operands, read, seen }: WarningContext): Finding[] {
  const findings: Finding[] = [];
  for (const name of sideNames) {
    const odd = seen === undefined ? oddNumberOf(operands[name].tensor, read) : seen.odd[name];
    if (odd !== undefined) findings.push(findingOf(name, odd));
  }
  return findings;
}

function findingOf(name: SideName, example: number): Finding {
  return {
    pointer: `#/${name}`,
    message:
      `Most numbers of ${name} are subnormal or beyond 1e100, such as ${inWords(example)}, as numbers are whose bytes were read in another ` +
      'order, or as another dtype, than they were written in. If these were, the result means nothing: check the dtype, and that the bytes are little-endian.',
    details: { side: name, example },
  };
}

/** One of the odd numbers, where most of those that are looked at and are not 0 are odd. */
function oddNumberOf(tensor: Tensor<Numbers>, { distributionOffsets, outcomeOffsets, rows }: Axes): number | undefined {
  const n = outcomeOffsets.length;
  const all = rows === undefined ? elementCount(tensor.shape) : tensor.data.length;
  const count = rows === undefined ? distributionOffsets.length * n : all;
  const isWhole = count === all;
  const odd: OddNumbers = { seen: 0, count: 0, first: undefined };
  const step = Math.max(1, count / sampled);
  for (let position = 0; position < count; position += step) {
    const at = Math.floor(position);
    const element = isWhole ? at : distributionOffsets[Math.floor(at / n)] + outcomeOffsets[at % n];
    lookAt(tensor, element, at, odd);
    // the others cannot make it most
    if (2 * (odd.seen - odd.count) > sampled) return undefined;
  }
  return mostlyOdd(odd);
}

/** How many numbers were looked at, how many of them were odd, and the first of these. */
export type OddNumbers = { seen: number; count: number; first: { readonly at: number; readonly value: number } | undefined };

/** The positions that are looked at of so many. */
export function positionsLookedAt(count: number, most = sampled): number[] {
  const positions: number[] = [];
  const step = Math.max(1, count / most);
  for (let position = 0; position < count; position += step) positions.push(Math.floor(position));
  return positions;
}

/** Counts the number at `element`. @param at by what the first is told from later ones */
export function lookAt(tensor: Tensor<Numbers>, element: number, at: number, odd: OddNumbers): void {
  const value = elementOf(tensor, element);
  const size = Math.abs(value);
  if (size >= 2 ** -126 && size <= huge) {
    odd.seen++;
    return;
  }
  // masks are zeros, infinities and the lowest number of a dtype
  if (size === 0 || size === Number.POSITIVE_INFINITY || size === Number.MAX_VALUE) return;
  odd.seen++;
  const isSingle = tensor.bfloat16 !== undefined || tensor.data instanceof Float32Array;
  if (!isSingle && size >= smallestNormal && size <= huge) return;
  odd.count++;
  odd.first ??= { at, value };
}

/** The first odd number, where most are. */
export function mostlyOdd({ seen, count, first }: OddNumbers): number | undefined {
  return 2 * count > seen ? first?.value : undefined;
}
