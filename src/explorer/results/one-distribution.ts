import type { Explanation, Info } from '../service/answers.ts';
import { post } from '../service/client.ts';
import { optionsOf } from '../state/request.ts';
import { type State, sideNames } from '../state/state.ts';
import { positionsOf } from '../tensors/layout.ts';
import { jsonNumber } from '../tensors/tensor.ts';
import { numbersAt } from './body.ts';
import { type Seen, type Sides, sidesOf } from './seen.ts';

/** An outcome of one distribution: what both sides give it, and its term. */
export type OutcomeRow = { readonly name: string; readonly p: number; readonly q: number; readonly term: number };

/**
 * Returns the outcomes of one distribution with P, Q and the terms. Those of small tensors are in the derivation; of a large one the service
 * derives this distribution alone. Returns a sentence where there is nothing to show.
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
  if (positions.length > most) return `A distribution of ${positions.length} outcomes is more than the service derives: ${most}.`;
  const alone = await deriveAlone(positions, state, signal);
  if (alone === undefined) return 'Only tensors of numbers have P and Q to show.';
  return rowsOf(
    positions.map((position, place) => ({ p: alone.p[place], q: alone.q[place], term: terms.data[position] })),
    distribution,
    seen,
  );
}

/** Asks for the derivation of the elements at these positions alone. */
async function deriveAlone(positions: readonly number[], state: State, signal: AbortSignal): Promise<Sides | undefined> {
  const [input, target] = sideNames.map((name) => numbersAt(name, positions, state));
  if (input === undefined || target === undefined) return undefined;
  const { input_kind, target_kind, temperature, pseudocount } = optionsOf(state);
  const part = (numbers: readonly number[]) => ({ shape: [positions.length], data: numbers.map(jsonNumber) });
  const request = { input: part(input), target: part(target), input_kind, target_kind, temperature, pseudocount, reduction: 'sum' };
  return sidesOf(await post<Explanation>('/v1/kl-divergence/explain', { body: JSON.stringify(request), signal }));
}

function rowsOf(rows: readonly Omit<OutcomeRow, 'name'>[], distribution: number, { outcomes }: Seen): OutcomeRow[] {
  const names = outcomes?.[distribution];
  return rows
    .map((row, place) => ({
      ...row,
      name: names === undefined ? String(place) : place in names ? String(names[place] ?? 'the rest') : undefined,
    }))
    .filter((row): row is OutcomeRow => row.name !== undefined);
}
