import type { Explanation, FamilyAnswer, Info, KlAnswer } from '../service/answers.ts';
import { type Progress, post, Refusal } from '../service/client.ts';
import { divergenceKeys } from '../state/options.ts';
import { optionsOf } from '../state/request.ts';
import type { State } from '../state/state.ts';
import { sizeOf } from '../tensors/tensor.ts';
import { type Body, bodyFor } from './body.ts';
import { type Seen, seenOf, sidesOf } from './seen.ts';

/** What the pictures need beside what the caller asks for. */
const tensors = ['none', 'per_distribution'];

/** What is estimated from nearest neighbours. */
const fromNeighbors = ['kl', 'reverse_kl', 'jeffreys'];

type Call = {
  readonly signal: AbortSignal;
  readonly onProgress: Progress;
  /** Is called with what is known so far: first the terms, then also the family and the derivation. */
  readonly onSeen: (seen: Seen) => Promise<void>;
};

/**
 * Asks the service for everything that a state shows: KL with its terms, all divergences, and the derivation where the tensors are small
 * enough for one. @throws Refusal of the first, or of divergences that were chosen, and Error where a file and a text do not go together
 */
export async function compute(state: State, info: Info, { signal, onProgress, onSeen }: Call): Promise<void> {
  const { divergences: asked, ...fields } = optionsOf(state);
  const chosen = fields.reduction === 'all' || fields.reduction === undefined ? undefined : ([fields.reduction].flat() as string[]);
  // divergences that are no sum of terms have no `none`: "all" leaves it out there
  const reduction = chosen === undefined ? 'all' : [...new Set([...chosen, ...tensors])];
  const send = <Answer>(path: string, more: Readonly<Record<string, unknown>>, share?: Progress) => {
    const { query, body }: Body = bodyFor(state, { ...fields, ...more });
    return post<Answer>(`${path}${query}`, share === undefined ? { body, signal } : { body, signal, onProgress: share });
  };
  if (fields.input_kind === 'sampled_log_probs') {
    const named = asked === undefined ? {} : { divergences: asked };
    return onSeen(seenOfEstimates(await send<FamilyAnswer>('/v1/divergences', { reduction, ...named }, onProgress)));
  }
  const ask = (names: typeof reduction) => send<KlAnswer>('/v1/kl-divergence', { reduction: names, statistics: true }, onProgress);
  const answer = await ask(reduction).catch((error: unknown) => {
    if (chosen === undefined || chosen.includes('none') || !isOfReduction(error)) throw error;
    return ask([...new Set([...chosen, 'per_distribution'])]);
  });
  const isExplained = sizeOf(answer.shape) <= info.limits.explained_elements_per_tensor && Object.keys(state.attached).length === 0;
  const seen = { ...seenOf(answer, 'KL'), isExplained };
  await onSeen(seen);
  signal.throwIfAborted();
  // what these say of the request, the first has said
  const optional = <Answer>(answer: Promise<Answer>) =>
    answer.catch(() => {
      signal.throwIfAborted();
      return undefined;
    });
  const divergences = asked ?? (fields.estimator === 'knn' ? fromNeighbors : divergencesFor(fields.input_kind, info));
  const members = send<FamilyAnswer>('/v1/divergences', { reduction: ['distribution_mean'], divergences });
  const family = asked === undefined ? optional(members) : members;
  const explanation = isExplained ? optional(send<Explanation>('/v1/kl-divergence/explain', { reduction: chosen ?? 'all' })) : undefined;
  const [several, derivation] = await Promise.all([family, explanation]);
  await onSeen({ ...seen, family: several, explanation: derivation, sides: derivation && sidesOf(derivation) });
}

/** Estimates from samples are several at once, of which the page shows the first. */
function seenOfEstimates(family: FamilyAnswer): Seen {
  const [[name, first]] = Object.entries(family.divergences);
  const { statistics: _, ...frame } = family;
  return { ...seenOf({ ...frame, ...first, base: first.base ?? 'e' }, name), family };
}

/** Whether a request was refused for its reductions alone. */
function isOfReduction(error: unknown): boolean {
  const faults = error instanceof Refusal ? error.problem.errors : [];
  return faults.length > 0 && faults.every(({ pointer }) => pointer === '#/reduction');
}

/** Returns every divergence that a kind has. */
function divergencesFor(kind: unknown, { kinds, divergences }: Info): string[] {
  const closed = kinds.find(({ name }) => name === kind)?.divergences;
  return closed === undefined ? divergenceKeys(divergences) : [...closed];
}
