import { type Kernel, type KernelForm, type KernelOperands, type KernelOutput, kernelForms } from '../core/kernel.ts';
import { outcomesIn } from '../tensor/axes.ts';
import { type Exports, instantiate, type Scratch, scratchOf } from './divergence-module.ts';
import { areInOrder, numbersAtOnce, readPiece, readRows, type Search, writeTerms } from './gather.ts';
import { markAgreement } from './mark-agreement.ts';
import { findRagged } from './ragged-rows.ts';

/**
 * The divergences of `src/core` in WebAssembly SIMD, built from `assembly/divergence`; undefined where the platform has no relaxed SIMD.
 */
export function loadKernel(): Kernel | undefined {
  const exported = instantiate();
  return exported && kernelOf(exported);
}

function kernelOf(exported: Exports): Kernel {
  const scratch = scratchOf(exported);

  function find(operands: KernelOperands, found: KernelOutput, first: number, end: number): void {
    const { outcomeOffsets, rows } = operands.axes;
    askFor(exported, scratch, operands.forms ?? []);
    const search = {
      exported,
      scratch,
      operands,
      found,
      pair: operands.pair,
      n: outcomeOffsets.length,
      inOrder: areInOrder(operands.axes),
      wantsTerms: found.terms.length > 0,
      width: operands.forms?.length ?? 1,
    };
    for (let d = first; d < end; ) {
      const n = outcomesIn(operands.axes, d);
      if (operands.weights?.[d] === 0) found.trusted[d++] = 1;
      else if (n > numbersAtOnce) findLong(exported, search, d++, n);
      else d = rows === undefined ? findRows(exported, search, d, end) : findRagged(exported, search, rows, d, end);
    }
  }

  return { find };
}

/** @throws RangeError for more forms than a request may name */
function askFor(exported: Exports, { forms, parameters }: Scratch, asked: readonly KernelForm[]): void {
  forms.set(asked.map(({ form }) => kernelForms.indexOf(form)));
  parameters.set(asked.map(({ parameter }) => parameter));
  exported.ask(asked.length);
}

/** Finds as many of the distributions from `first` on as there is room for, and returns where it stopped. */
function findRows(exported: Exports, search: Search, first: number, end: number): number {
  const { scratch, operands, found, pair, n, wantsTerms, width } = search;
  const { weights, temperature, pseudocount } = operands;
  const { distributions, skipped } = scratch;
  const rowsAtOnce = Math.max(1, Math.floor(numbersAtOnce / Math.max(n, width)));
  let count = 0;
  let d = first;
  while (d < end && count < rowsAtOnce) {
    const stop = Math.min(endOfRun(search, d, end), d + rowsAtOnce - count);
    readRows(search, d, stop - d, count);
    if (weights === undefined) skipped.fill(0, count, count + stop - d);
    else for (let row = count, of = d; of < stop; row++, of++) skipped[row] = weights[of] === 0 ? 1 : 0;
    for (; d < stop; d++) distributions[count++] = d;
    for (; d < end && weights?.[d] === 0; d++) found.trusted[d] = 1;
  }
  // first, because rows are divided by the temperature where they stand
  if (found.agrees !== undefined) markAgreement(exported, scratch, n, count, found.agrees);
  exported.rows(pair, count, n, temperature, pseudocount, wantsTerms ? 1 : 0);
  takeRows(search, first, d, count);
  for (let row = 0; wantsTerms && row < count; row++) {
    if (skipped[row] === 0) writeTerms(search, found.terms, distributions[row], 0, row * n, n);
  }
  return d;
}

/** Takes what was found of so many rows, the distributions from `first` up to `end` but for those that were passed over. */
function takeRows({ scratch, found, width }: Search, first: number, end: number, count: number): void {
  const { distributions, missing, regular, totals } = scratch;
  if (end - first === count) {
    found.totals.set(totals.subarray(0, count * width), first * width);
    found.trusted.set(regular.subarray(0, count), first);
    found.missing?.set(missing.subarray(0, count), first);
    return;
  }
  for (let row = 0; row < count; row++) {
    found.totals.set(totals.subarray(row * width, (row + 1) * width), distributions[row] * width);
    found.trusted[distributions[row]] = regular[row];
    if (found.missing !== undefined) found.missing[distributions[row]] = missing[row];
  }
}

/** Of a long distribution the first piece: so many mostly tell that the sides are far apart, and then no more of them are read. */
const firstNumbers = 256;

/**
 * Finds a long distribution piece by piece, so that no pass reads from far-away memory what the copy has written there. Only the passes of
 * logits that are far apart begin anew with the whole row, if there is room for it: they keep exponentials from one pass to the next.
 */
function findLong(exported: Exports, search: Search, d: number, n: number): void {
  const { scratch, operands, found, pair, wantsTerms } = search;
  exported.begin(pair, operands.temperature, operands.pseudocount, wantsTerms ? 1 : 0);
  exported.beginTop();
  let isFirst = found.agrees !== undefined;
  for (let pass = exported.advance(); pass !== 0; pass = exported.advance()) {
    const isWhole = pass === exported.range.value && n <= scratch.capacity;
    const [size, following] = isWhole ? [n, n] : [firstNumbers, numbersAtOnce];
    let isNeeded = true;
    for (let from = 0, count = 0; from < n && (isNeeded || isFirst); from += count) {
      count = Math.min(from === 0 ? size : following, n - from);
      readPiece(search, d, from, count);
      if (isFirst) exported.widenTop(exported.target.value, exported.input.value, count);
      if (isWhole) exported.whole(count);
      else isNeeded = exported.piece(count) !== 0;
      if (wantsTerms && (isWhole || pass === exported.write.value)) writeTerms(search, found.terms, d, from, 0, count);
    }
    isFirst = false;
    if (isWhole) break;
  }
  exported.finish(0);
  if (found.agrees !== undefined) found.agrees[d] = exported.agrees();
  takeRows(search, d, d + 1, 1);
}

/** Fewer numbers that are not read are copied along with their neighbours: that takes less time than to begin anew behind them. */
const gapMaxNumbers = 256;

/** Where the distributions end that are copied together from `d` on, which is read, and so is the last of them. */
function endOfRun({ operands: { weights }, n }: Search, d: number, end: number): number {
  if (weights === undefined) return end;
  let stop = d + 1;
  for (let next = stop; next < end && (next - stop) * n <= gapMaxNumbers; next++) if (weights[next] !== 0) stop = next + 1;
  return stop;
}
