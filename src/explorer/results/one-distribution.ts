import type { Explanation, Info } from '../service/answers.ts';
import { post } from '../service/client.ts';
import { optionsOf } from '../state/request.ts';
import { type State, sideNames } from '../state/state.ts';
import { positionsOf } from '../tensors/layout.ts';
import { jsonNumber } from '../tensors/tensor.ts';
import { numbersAt } from './body.ts';
import { type Seen, type Sides, sidesOf } from './seen.ts';
import { sumOf, withRest } from './with-rest.ts';

/** An outcome of one distribution, or many together: what both sides give it, and its term. */
export type OutcomeRow = {
  readonly name: string;
  readonly p: number;
  readonly q: number;
  readonly term: number;
  /** How many outcomes it is, where it stands for all that have no row of their own. */
  readonly together?: number;
};

/** More outcomes than these are not compared one by one. */
export const mostOutcomes = 40;

/**
 * Returns the outcomes of one distribution with P, Q and the terms. Those of small tensors are in the derivation; of a large one the
 * service derives this distribution alone, and where it has too many outcomes for that, those with the largest terms, and all others as
 * one. Returns a sentence where there is nothing to show.
 */
export async function outcomesOf(
  distribution: number,
  seen: Seen,
  state: State,
  { info, signal }: { readonly info: Info; readonly signal: AbortSignal },
): Promise<OutcomeRow[] | string> {
  const { answer, terms, sides } = seen;
  if (terms === undefined) return 'A divergence that is no sum over outcomes has none to show.';
  if (answer.dim.length === 0) return 'Numbers without an axis of outcomes have no P and Q to show.';
  const positions = positionsOf(distribution, { shape: terms.shape, dim: answer.dim });
  if (sides !== undefined)
    return rowsOf(
      positions.map((position) => ({ p: sides.p[position], q: sides.q[position], term: terms.data[position] })),
      distribution,
      seen,
    );
  if (seen.explanation !== undefined)
    return 'Distributions by their parameters have no list of outcomes: the formula gives each cell above.';
  if (seen.isExplained || seen.noun !== 'KL') return 'P and Q follow when the service has derived them.';
  const most = info.limits.explained_elements_per_tensor;
  const own = positions.length > most ? largestAt(positions, terms.data, Math.min(mostOutcomes, most - 1)) : undefined;
  const alone = await deriveAlone(positions, own, state, signal);
  if (alone === undefined) return 'Only tensors of numbers have P and Q to show.';
  const places = own ?? positions.map((_, place) => place);
  const rows = places.map((place, row) => ({ place, p: alone.p[row], q: alone.q[row], term: terms.data[positions[place]] }));
  const named = rowsOf(rows, distribution, seen);
  if (own === undefined) return named;
  const [sum, ofRows] = [sumOf(positions.map((position) => terms.data[position])), sumOf(rows.map(({ term }) => term))];
  const rest = { p: alone.p[own.length], q: alone.q[own.length], term: sum - ofRows };
  const together = positions.length - own.length;
  return [...named, { name: `${together} others`, together, ...rest }];
}

/** The places among the positions that have the largest terms, in their order. */
function largestAt(positions: readonly number[], terms: Float64Array, most: number): number[] {
  const size = (place: number) => Math.abs(terms[positions[place]]) || 0;
  return positions
    .map((_, place) => place)
    .sort((a, b) => size(b) - size(a))
    .slice(0, most)
    .sort((a, b) => a - b);
}

/**
 * Asks for the derivation of the elements at these positions alone. @param own the places that stay as they are, where all others become
 * one element behind them
 */
async function deriveAlone(
  positions: readonly number[],
  own: readonly number[] | undefined,
  state: State,
  signal: AbortSignal,
): Promise<Sides | undefined> {
  const options = optionsOf(state);
  const [input, target] = sideNames.map((name) => {
    const numbers = numbersAt(name, positions, state);
    return numbers !== undefined && own !== undefined ? withRest(numbers, own, options[`${name}_kind`], options) : numbers;
  });
  if (input === undefined || target === undefined) return undefined;
  const { input_kind, target_kind, temperature, pseudocount } = options;
  const part = (numbers: readonly number[]) => ({ shape: [numbers.length], data: numbers.map(jsonNumber) });
  const request = { input: part(input), target: part(target), input_kind, target_kind, temperature, pseudocount, reduction: 'sum' };
  return sidesOf(await post<Explanation>('/v1/kl-divergence/explain', { body: JSON.stringify(request), signal }));
}

/** @param rows each with the place of its outcome in the distribution, which is that in the list when left out */
function rowsOf(
  rows: readonly (Omit<OutcomeRow, 'name'> & { readonly place?: number })[],
  distribution: number,
  { outcomes }: Seen,
): OutcomeRow[] {
  const names = outcomes?.[distribution];
  return rows
    .map(({ place: own, ...row }, index) => {
      const place = own ?? index;
      return { ...row, name: names === undefined ? String(place) : place in names ? String(names[place] ?? 'the rest') : undefined };
    })
    .filter((row): row is OutcomeRow => row.name !== undefined);
}
