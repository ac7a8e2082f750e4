import { type SideName, sideNames } from '../core/comparison.ts';
import { smallestNormal } from '../core/distribution.ts';
import type { Axes } from '../tensor/axes.ts';
import type { Numbers } from '../tensor/tensor.ts';
import { type Finding, inWords, type WarningContext } from './warning.ts';

/** Bytes of another order or dtype show in any part of a tensor: so many of its numbers are looked at. */
const sampled = 64;

const huge = 1e100;

/** Sides most of whose numbers are those of bytes that were read in another order, or as another dtype, than they were written. */
export function suspiciousBytes({ operands, read }: WarningContext): Finding[] {
  const findings: Finding[] = [];
  for (const name of sideNames) {
    const odd = oddNumberOf(operands[name].tensor.data, read);
    if (odd !== undefined) findings.push(findingOf(name, odd));
  }
  return findings;
}

function findingOf(name: SideName, example: number): Finding {
  return {
    pointer: `#/${name}`,
    message:
      `Most numbers of ${name} are subnormal or beyond 1e100, such as ${inWords(example)}, as where bytes are read in another order, or as another dtype, than ` +
      'they were written in: then the result means nothing. Check the dtype, and that the bytes are little-endian.',
    details: { side: name, example },
  };
}

/** One of the odd numbers, where most of those that are looked at and are not 0 are odd. */
function oddNumberOf(data: Numbers, { distributionOffsets, outcomeOffsets, rows }: Axes): number | undefined {
  const subnormal = data instanceof Float32Array ? 2 ** -126 : smallestNormal;
  const n = outcomeOffsets.length;
  const count = rows === undefined ? distributionOffsets.length * n : data.length;
  const isWhole = count === data.length;
  const step = Math.max(1, count / sampled);
  let seen = 0;
  let odd = 0;
  let example: number | undefined;
  for (let position = 0; position < count; position += step) {
    const at = Math.floor(position);
    const value = isWhole ? data[at] : data[distributionOffsets[Math.floor(at / n)] + outcomeOffsets[at % n]];
    const size = Math.abs(value);
    // masks are zeros, infinities and the lowest number of a dtype
    if (size === 0 || size === Number.POSITIVE_INFINITY || size === Number.MAX_VALUE) continue;
    seen++;
    if (size >= subnormal && size <= huge) continue;
    odd++;
    example ??= value;
  }
  return 2 * odd > seen ? example : undefined;
}
