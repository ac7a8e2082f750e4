import type { Comparison, SideName } from '../core/comparison.ts';
import { noDiagnostics, noSideDiagnostics } from '../core/diagnostics.ts';
import { domainOf } from '../core/kinds.ts';
import { weightedSum } from '../core/weights.ts';
import { attempt } from '../errors/fault-list.ts';
import { RequestError } from '../errors/request-error.ts';
import { type DivergenceRequest, isDenseRequest } from '../formats/divergence-request.ts';
import type { Item } from '../formats/json/read-batch.ts';
import { computeKl } from '../kernels/compute-divergences.ts';
import type { ScannedList, ScannedSides } from '../kernels/item-scanner.ts';
import { float64s, uint8s, uint32s } from '../memory/small-arrays.ts';
import type { Axes } from '../tensor/axes.ts';
import { covers } from '../tensor/domain.ts';
import { elementCount, sameShape } from '../tensor/tensor.ts';
import type { WarningContext } from '../warnings/warning.ts';
import { hasDataWarning, isDataWarning } from '../warnings/warnings.ts';
import type { BatchContext } from './batch-item.ts';
import { answer, resultsOf } from './json-response.ts';
import { claimAnswer } from './solve/answer-size.ts';
import type { DenseSolution, Solution } from './solve/solve.ts';

/**
 * An item that was answered, of which nothing depends on its numbers but its results: others that differ in numbers alone are answered by
 * it.
 */
export type Pattern = { readonly numbers: ScannedSides; readonly solved: DenseSolution };

/** Elements of a side, and answers, that are computed at once and then written at once. */
export const atOnce = { elements: 2 ** 12, answers: 100 };

/** Fewer items at once would save nothing. */
const fewest = 4;

/** Returns the pattern that an answered item is; undefined where others of other numbers would need an answer of another form. */
export function patternOf({ numbers }: Item, request: DivergenceRequest, solved: Solution): Pattern | undefined {
  if (numbers === undefined || !isDenseRequest(request) || !('input' in solved)) return undefined;
  const { binned, family, listed, reductions, sampling, shape, statistics, warnings, weights } = solved;
  const isMore = [binned, family, listed, sampling, statistics, weights].some((member) => member !== undefined);
  if (isMore || request.strict || reductions.includes('none') || warnings.some(isDataWarning)) return undefined;
  return fewest * elementCount(shape) > atOnce.elements ? undefined : { numbers, solved };
}

/**
 * Answers the items from one on that are like a pattern, in one computation. Returns the text of each answer; undefined for an item that
 * must be answered alone, as there is something to say about its numbers. Empty where the first item is not like the pattern.
 */
export function answersLike(
  pattern: Pattern,
  items: readonly Item[],
  from: number,
  context: BatchContext,
): readonly (string | undefined)[] {
  const alike = alikeFrom(pattern, items, from);
  if (alike.length === 0) return [];
  const texts = attempt(() => textsOf(pattern, alike, context));
  return texts instanceof RequestError ? alike.map(() => undefined) : texts;
}

function alikeFrom({ numbers, solved }: Pattern, items: readonly Item[], from: number): Item[] {
  const { input, target, shape, temperature } = solved;
  const domains = { input: domainOf(input.kind, temperature), target: domainOf(target.kind, temperature) };
  const isLike = (list: ScannedList | undefined, name: SideName) => {
    if (list === undefined || numbers[name] === undefined) return list === numbers[name];
    return sameShape(list.tensor.shape, shape) && covers(domains[name], list.lowest, list.highest);
  };
  const most = Math.min(atOnce.answers, Math.floor(atOnce.elements / elementCount(shape)), items.length - from);
  const alike: Item[] = [];
  for (let index = from; index < from + most; index++) {
    const sides = items[index].numbers;
    if (sides === undefined || !isLike(sides.input, 'input') || !isLike(sides.target, 'target')) break;
    alike.push(items[index]);
  }
  return alike;
}

function textsOf({ solved }: Pattern, alike: readonly Item[], { tools, written, inPlace }: BatchContext): (string | undefined)[] {
  const { input, target, axes, base, reductions, shape, temperature, pseudocount } = solved;
  const { kernel, check } = tools;
  const size = elementCount(shape);
  const each = axes.distributionOffsets.length;
  const noted = uint8s(alike.length * each);
  const means = { kernel: size < (kernel?.minElements ?? 0) ? undefined : kernel, check, checkElements: undefined };
  const stack = stackOf(alike, solved, size);
  const { perDistribution } = computeKl(stack, { base, wantsTerms: false, wantsAgreement: false, noted }, means);
  const { results: _, ...rest } = answer(solved);
  const tail = JSON.stringify(rest).slice(1);
  const about = {
    ...solved,
    read: axes,
    temperature,
    pseudocount,
    facts: noDiagnostics(noSideDiagnostics(input.kind), noSideDiagnostics(target.kind)),
    ignored: [],
    ofSamples: false,
    noun: 'KL divergence',
    evaluate: () => [],
  } as const;
  const texts = alike.map(({ id, numbers }, k) => {
    for (let d = k * each; d < (k + 1) * each; d++) if (noted[d] !== 0) return undefined;
    const ofItem = perDistribution.subarray(k * each, (k + 1) * each);
    const totals = { terms: ofItem, perDistribution: ofItem, sum: weightedSum(ofItem, undefined) };
    const operands: WarningContext['operands'] = {
      input: { tensor: numbers?.input?.tensor ?? input.tensor, kind: input.kind },
      target: { tensor: numbers?.target?.tensor ?? target.tensor, kind: target.kind },
    };
    if (hasDataWarning({ ...about, operands, perDistribution: ofItem, sum: totals.sum })) return undefined;
    const head = id === undefined ? '{' : `{"id":${JSON.stringify(id)},`;
    return `${head}"status":200,"results":${JSON.stringify(resultsOf(totals, reductions, solved))},${tail}`;
  });
  const length = texts.reduce((sum, text = '') => sum + text.length, 0);
  claimAnswer(written + length, inPlace);
  return texts;
}

/** The items one behind the other, as one comparison. */
function stackOf(alike: readonly Item[], solved: DenseSolution, size: number): Comparison {
  const { axes, temperature, pseudocount, shape } = solved;
  const stacked = (name: SideName) => {
    const data = float64s(alike.length * size);
    for (const [k, { numbers }] of alike.entries()) data.set(numbers?.[name]?.tensor.data ?? solved[name].tensor.data, k * size);
    return { tensor: { shape: [alike.length, ...shape], data }, kind: solved[name].kind };
  };
  return { input: stacked('input'), target: stacked('target'), axes: stackedAxes(axes, alike.length, size), temperature, pseudocount };
}

function stackedAxes({ dims, shape, distributionOffsets, outcomeOffsets }: Axes, count: number, size: number): Axes {
  const each = distributionOffsets.length;
  const offsets = uint32s(count * each);
  for (let k = 0; k < count; k++) for (let d = 0; d < each; d++) offsets[k * each + d] = k * size + distributionOffsets[d];
  return { dims: dims.map((axis) => axis + 1), shape: [count, ...shape], distributionOffsets: offsets, outcomeOffsets };
}
