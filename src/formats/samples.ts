import { type SideName, sideNames } from '../core/comparison.ts';
import { binCategories, binNumbers, type Histogram } from '../core/samples/histogram.ts';
import { attempt, together } from '../errors/fault-list.ts';
import { RequestError, refuse } from '../errors/request-error.ts';
import { float64s } from '../memory/small-arrays.ts';
import type { Options } from '../schema/parse-request.ts';
import { checkElementCount } from '../tensor/shape.ts';
import type { Binned, DecodedTensor, Operands, TensorForm } from './divergence-request.ts';
import { checkWeightShape, type ReadTensor, readWeights } from './operands.ts';
import { isText, observationsIn, type SampleRows, type SampleRules, withoutUnread } from './sample-rows.ts';

/** Reads one side of samples by its name, in the form that its format has. @throws RequestError its faults */
export type ReadSamples = (name: SideName, rules: SampleRules) => SampleRows;

/** Reads what a format holds. */
export type ReadSides = { readonly tensor: ReadTensor; readonly samples: ReadSamples };

/**
 * Reads the samples of both sides and finds the bins that they share: their counts are what is compared. The observations of both sides are
 * in rows, of which each is a distribution.
 * @throws RequestError the faults of the samples, SHAPE_MISMATCH, or TOO_MANY_ELEMENTS for more counts than there may be
 */
export function readSamples(
  options: Pick<Options, 'bins' | 'missing'>,
  given: readonly string[],
  { tensor, samples }: ReadSides,
  maxElements: number,
): Operands & { readonly binned: Binned } {
  const weights = given.includes('weights') ? readWeights(tensor, maxElements) : undefined;
  const rules = { hasMissing: options.missing === 'category', maxElements, isUnread: (row: number) => weights?.data[row] === 0 };
  const [input, target] = sideNames.map((name) => attempt(() => withoutUnread(samples(name, rules), rules)));
  if (input instanceof RequestError || target instanceof RequestError) throw together(input, target);
  checkRows(input, target);
  const rest = input.isSingle ? [] : [input.lengths.length];
  if (weights !== undefined) checkWeightShape(weights, [...rest, 1], -1);
  const { count, ...bins } = binned({ input, target }, options.bins);
  const shape = [...rest, bins.bins + (rules.hasMissing ? 1 : 0)];
  checkElementCount(shape, maxElements, '#/bins');
  const operand = (name: SideName, { form, missing }: SampleRows) => {
    const counted = () => (rules.hasMissing ? withMissing(count(name), missing, bins.bins) : count(name));
    return { tensor: countsOf(shape, form, counted), kind: 'counts' } as const;
  };
  return {
    input: operand('input', input),
    target: operand('target', target),
    weights: weights?.data,
    binned: { ...bins, hasMissing: rules.hasMissing, observations: Math.max(observationsIn(input), observationsIn(target)) },
  };
}

/** A tensor of counts that are counted when they are needed: a thread that does not have the time for so many never counts them. */
function countsOf(shape: readonly number[], form: TensorForm, count: () => Float64Array): DecodedTensor {
  let counts: Float64Array | undefined;
  return {
    form,
    shape,
    isInteger: true,
    get data() {
      counts ??= count();
      return counts;
    },
  };
}

/** Counts, each row with one more for the observations that were missing. */
function withMissing(counts: Float64Array, missing: Uint32Array, bins: number): Float64Array {
  const data = float64s(missing.length * (bins + 1));
  for (const [row, count] of missing.entries()) {
    data.set(counts.subarray(row * bins, (row + 1) * bins), row * (bins + 1));
    data[row * (bins + 1) + bins] = count;
  }
  return data;
}

function binned(sides: Readonly<Record<SideName, SampleRows>>, bins: Options['bins']): Histogram {
  const [input, target] = sideNames.map((name) => whatAre(sides[name]));
  if (input !== undefined && target !== undefined && input !== target) {
    throw refuse('INVALID_VALUE', '#/target', `input holds ${input}, target ${target}: samples are the same on both sides`);
  }
  if ((input ?? target) !== 'text') {
    const numbersOf = ({ values, lengths }: SampleRows) => ({ values: isText(values) ? new Float64Array() : values, lengths });
    const choice = Array.isArray(bins) ? bins.map(Number) : (bins as Exclude<typeof bins, readonly unknown[]>);
    return binNumbers({ input: numbersOf(sides.input), target: numbersOf(sides.target) }, choice ?? 'doane');
  }
  if (bins !== undefined)
    throw refuse('INVALID_VALUE', '#/bins', 'bins divide numbers, and these samples are text, which is counted by name: leave bins out');
  const textsOf = ({ values, lengths }: SampleRows) => ({ values: isText(values) ? values : [], lengths });
  return binCategories({ input: textsOf(sides.input), target: textsOf(sides.target) });
}

/** What one side holds; undefined where all of it is missing or not read. */
function whatAre({ values }: SampleRows): 'numbers' | 'text' | undefined {
  if (values.length === 0) return undefined;
  return isText(values) ? 'text' : 'numbers';
}

/** @throws RequestError SHAPE_MISMATCH */
function checkRows(input: SampleRows, target: SampleRows): void {
  if (input.isSingle === target.isSingle && input.lengths.length === target.lengths.length) return;
  const inWords = ({ isSingle, lengths: { length } }: SampleRows) =>
    isSingle ? 'a list of observations' : `${length} ${length === 1 ? 'row' : 'rows'} of observations`;
  const detail = `input has ${inWords(input)}, target ${inWords(target)}. Each row of input is compared with that of target: send as many on both sides`;
  throw refuse('SHAPE_MISMATCH', '#/target', detail);
}
