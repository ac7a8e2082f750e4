import { type Occurrence, problemBody } from '../errors/problem-details.ts';
import { RequestError } from '../errors/request-error.ts';
import type { Item } from '../formats/read-batch.ts';
import type { WarningCode } from '../warnings/warnings.ts';
import { answer } from './json-response.ts';
import type { Limits } from './request.ts';
import { codesOf, elementsOf } from './single-request.ts';
import { solve } from './solve.ts';
import type { Answered, Tools } from './task.ts';

/** What the requests of one body came to, so far. */
export type Account = { answered: number; refused: number; elements: number; readonly warnings: Set<WarningCode> };

export function newAccount(): Account {
  return { answered: 0, refused: 0, elements: 0, warnings: new Set() };
}

/** Everything that answers the requests of one body. */
export type Desk = { readonly limits: Limits; readonly occurrence: Occurrence; readonly tools: Tools; readonly account: Account };

/** The answer to one of many requests: what it would be alone, under the name that its caller gave it, or the problem. */
export function answerItem({ id, request }: Item, { limits, occurrence, tools, account }: Desk): object {
  try {
    tools.check?.();
    if (request instanceof RequestError) throw request;
    const solved = solve(request, limits, tools);
    const answered = answer(solved);
    account.answered++;
    account.elements += elementsOf(solved);
    for (const code of codesOf(solved)) account.warnings.add(code);
    return id === undefined ? { status: 200, ...answered } : { id, status: 200, ...answered };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    account.refused++;
    return refusedItem(error, occurrence, id);
  }
}

/** What stands in the place of an answer. */
export function refusedItem(error: RequestError, occurrence: Occurrence, id?: Item['id']): object {
  const problem = problemBody(error, occurrence);
  return id === undefined ? { status: problem.status, problem } : { id, status: problem.status, problem };
}

/** What the log tells of them. */
export function summaryOf({ answered, refused, elements, warnings }: Account): Omit<Answered, 'content'> {
  return { elements, warnings: [...warnings], tally: { answered, refused } };
}
