import type { Listed, Outcome } from '../../../core/outcomes/listed.ts';
import { float64s } from '../../../memory/small-arrays.ts';
import { outcomesIn } from '../../../tensor/axes.ts';
import { type JsonNumber, jsonNumber } from '../../../tensor/json-number.ts';
import { LazyJson } from './json-tensor.ts';

/** A row for each distribution: a single one, or rows nested as the distributions are. */
export type JsonRows = { readonly outcomes: unknown; readonly values: unknown };

/** Entries that become lists at once. */
const atOnce = 2 ** 12;

/** The terms of lists of outcomes, each with its outcome, as lists. The lists of a long answer are not built. */
export function jsonRows(terms: Float64Array, listed: Listed): JsonRows {
  const numberAt = (d: number, k: number): JsonNumber => jsonNumber(terms[listed.axes.distributionOffsets[d] + k]);
  return { outcomes: rowsOf(listed, listed.outcomeAt), values: rowsOf(listed, numberAt) };
}

/** The outcomes of every distribution, as lists. */
export function outcomeRows(listed: Listed): unknown {
  return nestedRows(listed, listed.outcomeAt);
}

/** The numbers of every distribution, one behind the other. */
export function packed(data: Float64Array, { axes }: Listed): Float64Array {
  const sizes = Array.from(axes.distributionOffsets, (_, d) => outcomesIn(axes, d));
  const all = float64s(sizes.reduce((sum, length) => sum + length, 0));
  let used = 0;
  for (const [d, length] of sizes.entries()) {
    const start = axes.distributionOffsets[d];
    all.set(data.subarray(start, start + length), used);
    used += length;
  }
  return all;
}

type EntryAt = (d: number, k: number) => JsonNumber | Outcome;

function rowsOf(listed: Listed, entryAt: EntryAt): unknown {
  const { axes } = listed;
  const entries = axes.distributionOffsets.reduce((sum, _, d) => sum + 1 + outcomesIn(axes, d), 0);
  const lists = () => nestedRows(listed, entryAt);
  return entries <= atOnce ? lists() : new LazyJson(lists, () => pieces(listed, entryAt));
}

function rowAt({ axes }: Listed, entryAt: EntryAt, d: number, from = 0, to = outcomesIn(axes, d)) {
  return Array.from({ length: to - from }, (_, k) => entryAt(d, from + k));
}

function nestedRows(listed: Listed, entryAt: EntryAt): unknown {
  const { shape, distributionOffsets } = listed.axes;
  let level: unknown[] = Array.from(distributionOffsets, (_, d) => rowAt(listed, entryAt, d));
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    level = Array.from({ length: level.length / shape[axis] }, (_, group) => level.slice(group * shape[axis], (group + 1) * shape[axis]));
  }
  return level[0];
}

/** Yields the text of the lists that `nestedRows` returns, a part of a row or several rows at a time. */
function* pieces(listed: Listed, entryAt: EntryAt): Generator<string> {
  const { axes } = listed;
  let text = '';
  for (let d = 0; d < axes.distributionOffsets.length; d++) {
    text += d === 0 ? '['.repeat(axes.shape.length) : `,${'['.repeat(endsOf(d, axes.shape))}`;
    const size = outcomesIn(axes, d);
    text += '[';
    for (let from = 0; from < size; from += atOnce) {
      const part = JSON.stringify(rowAt(listed, entryAt, d, from, Math.min(size, from + atOnce))).slice(1, -1);
      text += from === 0 ? part : `,${part}`;
      if (text.length > atOnce) {
        yield text;
        text = '';
      }
    }
    text += `]${']'.repeat(endsOf(d + 1, axes.shape))}`;
  }
  yield text;
}

/** How many lists around the rows end before row d, or begin with it. */
function endsOf(d: number, shape: readonly number[]): number {
  let ends = 0;
  let size = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    size *= shape[axis];
    if (d % size !== 0) break;
    ends++;
  }
  return ends;
}
