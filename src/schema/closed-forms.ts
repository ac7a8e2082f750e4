import { type ClosedDivergence, closedDivergences } from '../core/closed-forms/compute.ts';
import { isParametric } from '../core/closed-forms/parametric-kinds.ts';
import type { SideName } from '../core/comparison.ts';
import { RequestError, refuse } from '../errors/request-error.ts';

/** Between parameters of one kind and anything else there is no closed form. @throws RequestError INVALID_VALUE */
export function refuseUnlikeKinds({ input_kind: input, target_kind: target }: Readonly<Record<`${SideName}_kind`, string>>): void {
  if (input === target || !(isParametric(input) || isParametric(target))) return;
  const [side, kind, other] = isParametric(target) ? (['input', input, target] as const) : (['target', target, input] as const);
  const detail = `${side}_kind is ${kind}, and the other side is ${other}: a closed form is of one kind, so send "${side}_kind": "${other}", with its parameters`;
  throw refuse('INVALID_VALUE', `#/${side}_kind`, detail);
}

/** @param pointer where a divergence stands, by its position @throws RequestError INVALID_VALUE */
export function refuseOpenDivergences(kind: string, divergences: readonly string[], pointer: (position: number) => string): void {
  const faults = divergences.flatMap((key, position) => (isClosed(key) ? [] : [openDivergence(kind, key, pointer(position))]));
  if (faults.length > 0) throw new RequestError(faults);
}

export function isClosed(key: string): key is ClosedDivergence {
  return (closedDivergences as readonly string[]).includes(key);
}

function openDivergence(kind: string, key: string, pointer: string) {
  const detail = `${key} of ${kind} distributions is not computed from their parameters: ${closedDivergences.join(', ')} are. For others, evaluate both densities on one grid and send them as counts`;
  return { pointer, code: 'INVALID_VALUE', detail } as const;
}
