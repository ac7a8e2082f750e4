import { type ProblemCode, problems } from './problems.ts';
import type { RequestError } from './request-error.ts';

export const problemMediaType = 'application/problem+json';

/** Returns the path of the page about a code: `/problems/invalid-json`. */
export function problemPath(code: ProblemCode): string {
  return `/problems/${code.toLowerCase().replaceAll('_', '-')}`;
}

/** The path and the id of the request that failed. */
export type ProblemContext = { readonly path: string; readonly requestId: string };

/** Returns the RFC 9457 problem details of a rejected request. */
export function problemBody(error: RequestError, { path, requestId }: ProblemContext) {
  const { status, title } = problems[error.code];
  return {
    type: problemPath(error.code),
    title,
    status,
    code: error.code,
    detail: error.count === 1 ? error.message : `${error.count} things are wrong. The first: ${error.message}`,
    instance: path,
    request_id: requestId,
    errors: error.faults,
    error_count: error.count,
    ...error.extra,
  };
}
