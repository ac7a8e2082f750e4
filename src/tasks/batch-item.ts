import type { TensorName } from '../core/comparison.ts';
import { type ProblemContext, problemBody } from '../errors/problem-details.ts';
import { RequestError } from '../errors/request-error.ts';
import { type DivergenceRequest, layoutOfRequest } from '../formats/divergence-request.ts';
import type { Item } from '../formats/json/read-batch.ts';
import { mapPointer, mapPointers, type PointerMap } from '../formats/pointer-map.ts';
import type { WarningCode } from '../warnings/warnings.ts';
import { anyAnswer } from './json-response.ts';
import { codesOf } from './single-request.ts';
import { answerBytes, claimAnswer } from './solve/answer-size.ts';
import { type Solution, solve } from './solve/solve.ts';
import { workPerFault } from './solve/work.ts';
import type { TaskOutput, WorkerTools } from './task.ts';

/** What the requests of one body came to, so far. */
type BatchTotals = { answered: number; refused: number; elements: number; readonly warnings: Set<WarningCode> };

export function newTotals(): BatchTotals {
  return { answered: 0, refused: 0, elements: 0, warnings: new Set() };
}

/** Everything that answers the requests of one body. */
export type BatchContext = {
  readonly problemContext: ProblemContext;
  readonly tools: WorkerTools;
  readonly totals: BatchTotals;
  /** Bytes of the answers that have been written, and those that the memory of the body has room for. */
  written: number;
  readonly inPlace?: number;
};

/**
 * The answer to one of many requests: what it would be alone, under the name that its caller gave it, or the problem.
 * @param onSolved is told of a request that was answered
 */
export function answerItem(
  { id, read, shared = [] }: Item,
  { problemContext, tools, totals, written, inPlace }: BatchContext,
  onSolved: (request: DivergenceRequest, solved: Solution) => void = () => {},
): object {
  try {
    tools.check?.();
    const request = read();
    const { form } = layoutOfRequest(request);
    const solved = inDefaults(
      solve(request, tools, (plan) => claimAnswer(written + answerBytes({ ...plan, form }), inPlace)),
      shared,
    );
    const answered = anyAnswer(solved, id === undefined ? { status: 200 } : { id, status: 200 });
    totals.answered++;
    totals.elements += solved.elements;
    for (const code of codesOf(solved)) totals.warnings.add(code);
    onSolved(request, solved);
    return answered;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    tools.spend?.(error.faults.length * workPerFault);
    totals.refused++;
    // a request may be rejected after its elements were computed
    totals.elements += error.advice.elements ?? 0;
    return refusedItem(shared.length === 0 ? error : mapPointers(error, placesOf(shared)), problemContext, id);
  }
}

/** A solution whose warnings about shared tensors point to `defaults`. */
function inDefaults(solved: Solution, shared: readonly TensorName[]): Solution {
  if (shared.length === 0) return solved;
  const places = placesOf(shared);
  // a copy takes long beside a small item
  if (!solved.warnings.some(({ pointer }) => Object.hasOwn(places, pointer))) return solved;
  return { ...solved, warnings: solved.warnings.map((warning) => mapPointer(warning, places)) };
}

function placesOf(shared: readonly TensorName[]): PointerMap {
  return Object.fromEntries(shared.map((name) => [`#/${name}`, { pointer: `#/defaults/${name}` }]));
}

/** What stands in the place of an answer. */
export function refusedItem(error: RequestError, problemContext: ProblemContext, id?: Item['id']): object {
  const problem = problemBody(error, problemContext);
  return id === undefined ? { status: problem.status, problem } : { id, status: problem.status, problem };
}

/** What the log tells of them. */
export function summaryOf({ answered, refused, elements, warnings }: BatchTotals): Omit<TaskOutput, 'content'> {
  return { elements, warnings: [...warnings], items: { answered, refused } };
}
