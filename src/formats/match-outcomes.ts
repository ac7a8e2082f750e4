import { otherSide, type SideName, sideNames } from '../core/comparison.ts';
import type { KindName } from '../core/kinds.ts';
import { checkIds, spread, wholeSide } from '../core/outcomes/beside-dense.ts';
import { type Bucketed, bucketed } from '../core/outcomes/bucket.ts';
import { codesOf, indicesOf } from '../core/outcomes/codes.ts';
import type { Listed } from '../core/outcomes/listed.ts';
import { checkListed, isOutcomeList, type OutcomeList } from '../core/outcomes/outcome-list.ts';
import { partnersOf } from '../core/outcomes/partners.ts';
import { type ListSide, listSide, outcomeOf, textBytesOf } from '../core/outcomes/rows.ts';
import { type MatchedRows, restSource, unionOf } from '../core/outcomes/union.ts';
import { attempt, faultList, together } from '../errors/fault-list.ts';
import { RequestError, refuse } from '../errors/request-error.ts';
import type { Options } from '../schema/parse-request.ts';
import { distributionAxes, resolveDims, rowAxes } from '../tensor/axes.ts';
import { type Numbers, sameShape } from '../tensor/tensor.ts';
import type { DecodedTensor } from './divergence-request.ts';

/** Operands as they were read, of which one is a list. */
export type Listing = Readonly<Record<SideName, DecodedTensor | OutcomeList>>;

type MatchOptions = Pick<Options, 'dim' | 'rest'> & Readonly<Record<`${SideName}_kind`, KindName>>;

/** Tensors that can be compared, and what is to be told of them; nothing of a list that was spread over the axis of a tensor. */
type Matched = Readonly<Record<SideName, DecodedTensor>> & { readonly listed?: Listed };

/**
 * Matches a list with another one, or with a tensor, outcome by outcome.
 * @param weights one for each distribution, as many as there are; those of weight 0 are left empty
 * @throws RequestError INVALID_VALUE, SHAPE_MISMATCH, TOO_MANY_ELEMENTS, DUPLICATE_OUTCOME, UNKNOWN_OUTCOME, MASS_ABOVE_ONE
 */
export function matchOutcomes(sides: Listing, options: MatchOptions, weights: Numbers | undefined, maxElements: number): Matched {
  checkKinds(sides, options);
  const { input, target } = sides;
  if (isOutcomeList(input) && isOutcomeList(target)) {
    checkListedDim(input.shape.length + 1, options);
    checkRows(input, target);
    checkAlike(input, target);
    checkListed(input.values.length + target.values.length, maxElements, target.placeOf('outcomes').pointer);
    const { codes, size } = codesOf([input, target]);
    const q = listSide(input, options.input_kind, codes[0]);
    const p = listSide(target, options.target_kind, codes[1]);
    const rows = matchedRows(p, q, size, options, weights);
    return ofRows(rows, input.shape, { input, target }, codes[0].length + codes[1].length);
  }
  return isOutcomeList(input)
    ? besideDense('input', input, target as DecodedTensor, options, weights)
    : besideDense('target', target as OutcomeList, input, options, weights);
}

function besideDense(
  name: SideName,
  list: OutcomeList,
  dense: DecodedTensor,
  options: MatchOptions,
  weights: Numbers | undefined,
): Matched {
  const other = otherSide(name);
  checkSingleDim(options.dim);
  const axes = distributionAxes(dense.shape, options.dim);
  if (!sameShape(list.shape, axes.shape)) {
    const detail = `${name} lists outcomes of distributions of shape [${list.shape.join(', ')}], ${other} has [${axes.shape.join(', ')}] without dim: send as many on both sides`;
    throw refuse('SHAPE_MISMATCH', list.placeOf('outcomes').pointer, detail);
  }
  if (list.ids === undefined) {
    const detail = `expected ids, which are indices along dim of ${other}, got names: the outcomes of a tensor have none`;
    throw refuse('INVALID_VALUE', list.placeOf('outcomes').pointer, detail);
  }
  const size = axes.outcomeOffsets.length;
  const isUnread = (d: number) => weights?.[d] === 0;
  checkIds(list, size, isUnread);
  const codes = indicesOf(list.ids);
  const side = listSide(list, options[`${name}_kind`], codes);
  if (options.rest === 'zero') {
    const tensor: DecodedTensor = { form: dense.form, shape: dense.shape, data: spread(side, axes, isUnread), isSpread: true };
    return name === 'input' ? { input: tensor, target: dense } : { input: dense, target: tensor };
  }
  const whole = wholeSide(dense.data, axes, options[`${other}_kind`]);
  const [p, q] = name === 'target' ? [side, whole] : [whole, side];
  const rows = matchedRows(p, q, size, options, weights);
  // an outcome of the tensor is its index, which the list has as well
  const indices: OutcomeList = { ...list, ids: Float64Array.from(whole.codes) };
  const lists = name === 'target' ? { input: list, target: list } : { input: list, target: indices };
  return ofRows(rows, list.shape, lists, codes.length + whole.codes.length);
}

/** @throws RequestError DUPLICATE_OUTCOME, MASS_ABOVE_ONE */
function matchedRows(
  target: ListSide,
  input: ListSide,
  size: number,
  { rest }: MatchOptions,
  weights: Numbers | undefined,
): MatchedRows | Bucketed {
  const [twice, masses] = [faultList(), faultList()];
  const rows =
    rest === 'bucket'
      ? bucketed(target, input, partnersOf(target, input, size, twice), weights, masses)
      : unionOf(target, input, size, (d) => weights?.[d] === 0, twice);
  const faults = [twice, masses].map(({ throwIfAny }) => attempt(throwIfAny));
  if (faults.some((fault) => fault !== undefined)) throw together(...faults);
  return rows;
}

/**
 * @param lists whose entries `rows.sources` names
 * @param entries how many were matched
 */
function ofRows(
  rows: MatchedRows | Bucketed,
  shape: readonly number[],
  lists: Readonly<Record<SideName, OutcomeList>>,
  entries: number,
): Matched {
  const axes = rowAxes(shape, rows.starts, rows.lengths);
  const { sources } = rows;
  const outcomeAt = (d: number, k: number) => {
    const source = sources[rows.starts[d] + k];
    if (source === restSource) return null;
    return source < 0 ? outcomeOf(lists.input, ~source) : outcomeOf(lists.target, source);
  };
  const tensor = (data: Float64Array): DecodedTensor => ({
    form: 'nested',
    shape: [...shape, axes.outcomeOffsets.length],
    data,
    isSpread: true,
  });
  return {
    input: tensor(rows.input),
    target: tensor(rows.target),
    listed: {
      axes,
      outcomeAt,
      entries,
      textBytes: () => textBytesOf([lists.input, lists.target]) + 8 * rows.starts.length,
      ...('coverage' in rows ? { coverage: rows.coverage, restsByRounding: rows.restsByRounding } : {}),
    },
  };
}

/** Of the rest nothing is known but its mass, which takes probabilities. @throws RequestError INVALID_VALUE */
function checkKinds(sides: Listing, options: MatchOptions): void {
  if (options.rest === 'zero') return;
  const faults = sideNames.flatMap((name) => {
    const kind = options[`${name}_kind`];
    if (kind === 'probs' || kind === 'log_probs') return [];
    const what = isOutcomeList(sides[name]) ? 'the outcomes that a list leaves out' : 'the outcomes beside those of the list';
    const detail = `"rest": "bucket" gives ${what} the mass that is left to 1, but ${name}_kind is ${kind}: send probs or log_probs`;
    return [{ pointer: `#/${name}_kind`, code: 'INVALID_VALUE' as const, detail }];
  });
  if (faults.length > 0) throw new RequestError(faults);
}

/** @throws RequestError INVALID_VALUE, DIM_OUT_OF_RANGE */
function checkListedDim(rank: number, { dim }: MatchOptions): void {
  checkSingleDim(dim);
  if (resolveDims(rank, dim)[0] === rank - 1) return;
  throw refuse('INVALID_VALUE', '#/dim', `outcomes are listed in the last lists, which is dim ${rank - 1} or -1 here, got ${dim}`);
}

function checkSingleDim(dim: MatchOptions['dim']): void {
  if (typeof dim === 'number' || dim.length === 1) return;
  throw refuse('INVALID_VALUE', '#/dim', 'outcomes are listed along one axis: expected one, such as -1, got several');
}

/** @throws RequestError SHAPE_MISMATCH */
function checkRows(input: OutcomeList, target: OutcomeList): void {
  if (sameShape(input.shape, target.shape)) return;
  const inWords = ({ shape }: OutcomeList) => {
    if (shape.length === 0) return 'a single list';
    return `${shape.join(' × ')} ${shape.every((length) => length === 1) ? 'list' : 'lists'}`;
  };
  const detail = `target has ${inWords(target)} of outcomes, input ${inWords(input)}. Each list of target is compared with that of input: send as many on both sides`;
  throw refuse('SHAPE_MISMATCH', target.placeOf('outcomes').pointer, detail);
}

/** @throws RequestError INVALID_VALUE */
function checkAlike(input: OutcomeList, target: OutcomeList): void {
  const what = ({ names }: OutcomeList) => (names === undefined ? 'ids' : 'names');
  if (what(input) === what(target)) return;
  const detail = `target lists ${what(target)}, input ${what(input)}, and no name is an id: send the same on both sides`;
  throw refuse('INVALID_VALUE', target.placeOf('outcomes').pointer, detail);
}
