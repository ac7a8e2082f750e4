import type { Numbers } from '../../tensor/tensor.ts';
import type { SideName } from '../comparison.ts';

/** The numbers that were observed on both sides, in rows: as many rows on one as on the other, of any length. None is NaN or infinite. */
export type Observations = Readonly<Record<SideName, readonly Numbers[]>>;

/** What one look at some numbers tells. `count` is 0 where there are none, and then the rest means nothing. */
export type Summary = { readonly count: number; readonly lowest: number; readonly highest: number; readonly mean: number };

/** Counts the numbers of some rows together, and finds their range and mean. */
export function summarize(rows: readonly Numbers[]): Summary {
  let count = 0;
  let sum = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const values of rows) {
    count += values.length;
    for (let i = 0; i < values.length; i++) {
      const x = values[i];
      sum += x;
      if (x < lowest) lowest = x;
      if (x > highest) highest = x;
    }
  }
  return { count, lowest, highest, mean: sum / count };
}

/** Returns g₁ = m₃ / m₂^(3/2), the skewness of the numbers as they stand, or undefined where they do not differ. */
export function skewness(rows: readonly Numbers[], { count, lowest, highest, mean }: Summary): number | undefined {
  // in units of the range no power leaves float64; the power of 2 keeps the reciprocal of a tiny one inside it
  const up = highest - lowest < 2 ** -1000 ? 2 ** 100 : 1;
  const scale = 1 / (up * (highest - lowest));
  let squares = 0;
  let cubes = 0;
  for (const values of rows) {
    for (let i = 0; i < values.length; i++) {
      const distance = up * (values[i] - mean) * scale;
      const square = distance * distance;
      squares += square;
      cubes += square * distance;
    }
  }
  const variance = squares / count;
  return variance > 0 ? cubes / count / variance ** 1.5 : undefined;
}
