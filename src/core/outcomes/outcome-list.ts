import type { ProblemCode } from '../../errors/problems.ts';
import { type Fault, refuse } from '../../errors/request-error.ts';
import type { Numbers } from '../../tensor/tensor.ts';
import type { Names } from './name-table.ts';

/** The two members of a list of outcomes. */
export type Member = 'outcomes' | 'values';

/** Where an entry stands in the body: a pointer, and what a sentence adds to it where the format has no pointers to elements. */
type Place = { readonly pointer: string; readonly where: string };

/**
 * Distributions whose outcomes are listed by name or id, each with its number. Row d has the entries from `starts[d]` up to
 * `starts[d + 1]`. What was sent as padding is still there.
 */
export type OutcomeList = {
  /** The shape of the distributions: [] for a single one. */
  readonly shape: readonly number[];
  readonly starts: Uint32Array;
  readonly names?: Names;
  readonly ids?: Numbers;
  readonly values: Numbers;
  /** Where entry k of row d stands; the row itself without k, and the whole member without d. */
  readonly placeOf: (member: Member, d?: number, k?: number) => Place;
};

/** The id of padding. */
export const paddingId = -1;

export function isOutcomeList(operand: object): operand is OutcomeList {
  return 'placeOf' in operand;
}

/** A fault of an entry, of a row, or of a member. */
export function faultAt({ pointer, where }: Place, code: ProblemCode, detail: string): Fault {
  return { pointer, code, detail: `${detail}${where}` };
}

/** Refuses more outcomes than tensors may have elements. @throws RequestError TOO_MANY_ELEMENTS */
export function checkListed(count: number, maxElements: number, pointer: string): void {
  if (count <= maxElements) return;
  throw refuse('TOO_MANY_ELEMENTS', pointer, `there are ${count} outcomes; the limit here is ${maxElements}`);
}
