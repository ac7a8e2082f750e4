import { problemMediaType } from '../result/problem.ts';
import { problem } from '../schema/problem.ts';

/** A refusal as a route's schema describes it. */
export function problemResponse(description: string, examples?: Record<string, { summary: string; value: unknown }>) {
  return { description, content: { [problemMediaType]: { schema: problem, ...(examples === undefined ? {} : { examples }) } } };
}
