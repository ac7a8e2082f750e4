import type { FaultList } from '../../errors/fault-list.ts';
import { addIndex, emptySample, massTolerance } from '../diagnostics.ts';
import { padding } from './codes.ts';
import type { Coverage, Listed } from './listed.ts';
import { faultAt } from './outcome-list.ts';
import { alone, type Partners } from './partners.ts';
import type { ListSide } from './rows.ts';
import { emptyRows, endRow, type MatchedRows, restSource, trimmed } from './union.ts';

/** What float64 may leave of 1 when masses that sum to 1 are taken from it, each rounded. */
const roundingOfSums = 2 ** -46;

/** Matched rows whose last outcome is all that is not compared one by one. */
export type Bucketed = MatchedRows & Required<Pick<Listed, 'coverage' | 'restsByRounding'>>;

/**
 * Returns two lists over the outcomes that both have; all else is one outcome, with the mass that is left to 1 on each side. Faults are
 * rows whose masses sum to more than 1.
 * @param weights one for each row; a row of weight 0 is left empty
 */
export function bucketed(
  target: ListSide,
  input: ListSide,
  partners: Partners,
  weights: ArrayLike<number> | undefined,
  faults: FaultList,
): Bucketed {
  const distributions = target.list.starts.length - 1;
  const rows = emptyRows(distributions, Math.min(target.codes.length, input.codes.length) + distributions);
  const covered = { target: coverageSoFar(), input: coverageSoFar() };
  const restsByRounding = { target: emptySample(), input: emptySample() };
  const [restOfTarget, restOfInput] = [restOf(target), restOf(input)];
  let used = 0;
  for (let d = 0; d < distributions; d++) {
    rows.starts[d] = used;
    if (weights?.[d] !== 0) {
      restOfTarget.start();
      restOfInput.start();
      used = writeCommon(target, input, d, partners, { rows, used, restOfTarget, restOfInput });
      let [p, q] = [restOfTarget.end(), restOfInput.end()];
      // where one side has no rest, what is left of the other one's 1 is no rest either while it may come from rounded numbers
      if (q.isNone) p = restOfTarget.end(massTolerance);
      if (p.isNone) q = restOfInput.end(massTolerance);
      if (p.isTooMuch) faults.add(() => massAboveOne(target, d));
      if (q.isTooMuch) faults.add(() => massAboveOne(input, d));
      if (p.isByRounding && q.mass > massTolerance) addIndex(restsByRounding.target, d);
      if (q.isByRounding && p.mass > massTolerance) addIndex(restsByRounding.input, d);
      covered.target.add(p.compared, weights?.[d]);
      covered.input.add(q.compared, weights?.[d]);
      [rows.target[used], rows.input[used], rows.sources[used]] = [p.rest, q.rest, restSource];
      used++;
    }
    used = endRow(rows, d, used);
  }
  return { ...trimmed(rows, used), coverage: { input: covered.input.end(), target: covered.target.end() }, restsByRounding };
}

type Writing = { readonly rows: MatchedRows; readonly used: number; readonly restOfTarget: Rest; readonly restOfInput: Rest };

/** Writes what both sides list of a row from `used` on, sums the rest of each, and returns where it stopped. */
function writeCommon(target: ListSide, input: ListSide, d: number, partners: Partners, writing: Writing): number {
  const { rows, restOfTarget, restOfInput } = writing;
  const { ofTarget, ofInput } = partners;
  const [p, q] = [target.list, input.list];
  const [first, firstOther] = [p.starts[d], q.starts[d]];
  partners.find(d);
  let { used } = writing;
  for (let at = first; at < p.starts[d + 1]; at++) {
    const other = ofTarget[at - first];
    if (other < alone) continue;
    restOfTarget.take(p.values[at], other !== alone);
    if (other === alone) continue;
    restOfInput.take(q.values[firstOther + other], true);
    rows.target[used] = p.values[at];
    rows.input[used] = q.values[firstOther + other];
    rows.sources[used++] = at;
  }
  for (let at = firstOther; at < q.starts[d + 1]; at++) if (ofInput[at - firstOther] === alone) restOfInput.take(q.values[at], false);
  return used;
}

type Rest = ReturnType<typeof restOf>;

/** Sums the masses of a row: those that are compared one by one, and the rest. */
function restOf({ isLog, isWhole }: ListSide) {
  const left = compensated();
  const others = compensated();
  return {
    start(): void {
      left.set(1);
      others.set(0);
    },
    take(value: number, isCompared: boolean): void {
      const mass = isLog ? Math.exp(value) : value;
      if (isCompared) left.add(-mass);
      else others.add(mass);
    },
    /**
     * The rest as the number that its kind has for it: what is left to 1, and at least what is listed of it; what is there where all is.
     * @param tolerance mass that is not listed counts from here on
     */
    end(tolerance = roundingOfSums) {
      const compared = 1 - left.value();
      const listed = others.value();
      const unlisted = left.value() - listed;
      const mass = isWhole || unlisted <= tolerance ? listed : left.value();
      return {
        compared,
        mass,
        rest: isLog ? Math.log(mass) : mass,
        isNone: mass === 0,
        /** A list whose masses sum to 1 to the last digits is complete; another one leaves what rounding to float32 may have made. */
        isByRounding: !isWhole && mass <= massTolerance && Math.abs(unlisted) > roundingOfSums,
        isTooMuch: !isWhole && compared + listed > 1 + massTolerance,
      };
    },
  };
}

/** A sum with a running error: Neumaier, as in `compensatedSum`. */
function compensated() {
  let sum = 0;
  let error = 0;
  return {
    set(value: number): void {
      sum = value;
      error = 0;
    },
    add(value: number): void {
      const next = sum + value;
      error += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
      sum = next;
    },
    value: () => sum + error,
  };
}

/** The mean, by the weights, and the least of the masses that are compared one by one. */
function coverageSoFar() {
  let sum = 0;
  let total = 0;
  let least = 1;
  return {
    add(mass: number, weight = 1): void {
      const share = Math.min(1, mass);
      sum += weight * share;
      total += weight;
      least = Math.min(least, share);
    },
    end: (): Coverage => (total === 0 ? { mean: Number.NaN, least: Number.NaN } : { mean: sum / total, least }),
  };
}

/** Points at the outcome with which the masses of a row exceed 1. */
function massAboveOne({ list, codes, isLog }: ListSide, d: number) {
  const start = list.starts[d];
  let sum = 0;
  let exceeding = start;
  for (let at = start; at < list.starts[d + 1]; at++) {
    if (codes[at] === padding) continue;
    if (sum <= 1 + massTolerance) exceeding = at;
    sum += isLog ? Math.exp(list.values[at]) : list.values[at];
  }
  const detail =
    `with this outcome the masses of its list exceed 1 + ${massTolerance}, and all of them sum to ${sum.toPrecision(6)}: ` +
    'no mass is left for the rest. Send probs or log_probs of the whole distribution, neither normalised over the list nor counts';
  return faultAt(list.placeOf('values', d, exceeding - start), 'MASS_ABOVE_ONE', detail);
}
