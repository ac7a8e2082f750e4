import type { z } from 'zod';
import { type Fault, RequestError, refuse, reportedFaults } from '../errors/request-error.ts';
import { appendPointer, describeValue, quote } from '../errors/wording.ts';

/** More axes than a tensor has, more reductions and outputs than there are: a longer list is a mistake whatever it holds. */
export const longestList = 32;

/** Most edges of bins. */
export const longestEdges = 10_001;

/** Lists that may be longer. */
const longest: Readonly<Record<string, number>> = { bins: longestEdges };

/** What may be meant by the name of a field that does not exist, in the object that a pointer leads to. */
type Hint = (key: string, pointer: string) => string;

/**
 * Checks JSON by a schema. The fields named in `lists` are refused where they hold a long one, before zod walks it.
 * @throws RequestError UNKNOWN_FIELD, INVALID_VALUE
 */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, lists: readonly string[], hint?: Hint): z.infer<Schema> {
  refuseLongLists(value, lists, '#');
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  // an unknown field first: it often explains the one that is missing
  const issues = parsed.error.issues.toSorted((a, b) => Number(isUnknownFields(b)) - Number(isUnknownFields(a)));
  throw new RequestError(
    issues.flatMap((issue) => faultsOf(issue, hint)),
    issues.reduce((count, issue) => count + countOf(issue, hint), 0),
  );
}

/**
 * A list or JSON as text in place of the object that a request is.
 * @param listAdvice what to send for a list
 * @throws RequestError INVALID_VALUE
 */
export function refuseListOrText(value: unknown, listAdvice: string): void {
  const isEncodedTwice = typeof value === 'string' && value.trimStart().startsWith('{');
  const advice = Array.isArray(value)
    ? listAdvice
    : isEncodedTwice
      ? 'it was encoded twice: call json.dumps or JSON.stringify once'
      : undefined;
  if (advice !== undefined) throw refuse('INVALID_VALUE', '#', `expected a JSON object, got ${describeValue(value)}: ${advice}`);
}

/** Lists that are longer than any that means something, in the object at a pointer. @throws RequestError INVALID_VALUE */
export function refuseLongLists(value: unknown, lists: readonly string[], pointer: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const field of lists) {
    const list = (value as Record<string, unknown>)[field];
    const most = longest[field] ?? longestList;
    if (Array.isArray(list) && list.length > most) {
      throw refuse('INVALID_VALUE', appendPointer(pointer, field), `expected at most ${most} entries, got ${describeValue(list)}`);
    }
  }
}

/** What is wrong with the value of a field, or with one of its entries: `divergences/0`. */
export function invalidField(field: string, detail: string): Fault {
  return { pointer: `#/${field}`, code: 'INVALID_VALUE', detail };
}

type Issue = z.core.$ZodIssue;

function isUnknownFields(issue: Issue): issue is z.core.$ZodIssueUnrecognizedKeys {
  return issue.code === 'unrecognized_keys';
}

/** How many faults an issue stands for: of unknown fields, not all are listed. */
function countOf(issue: Issue, hint: Hint | undefined): number {
  return isUnknownFields(issue) ? issue.keys.length : faultsOf(issue, hint).length;
}

function faultsOf(issue: Issue, hint: Hint | undefined): Fault[] {
  const pointer = issue.path.reduce<string>((path, key) => appendPointer(path, key as string | number), '#');
  if (isUnknownFields(issue)) return issue.keys.slice(0, reportedFaults).map((key) => unknownField(key, pointer, hint));
  if (issue.code === 'invalid_union') {
    const branch = closest(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => faultsOf({ ...inner, path: [...issue.path, ...inner.path] }, hint));
  }
  return [{ pointer, code: 'INVALID_VALUE', detail: issue.message }];
}

function unknownField(key: string, pointer: string, hint: Hint | undefined): Fault {
  const detail = `there is no field ${quote(key)}${hint === undefined ? '' : `: ${hint(key, pointer)}`}`;
  return { pointer: appendPointer(pointer, key), code: 'UNKNOWN_FIELD', detail };
}

/** The alternative of a union that was meant: the one that failed further in, or only by its bounds. */
function closest(branches: readonly Issue[][]): Issue[] | undefined {
  return branches.find((issues) => issues.every(({ path, code }) => path.length > 0 || code === 'too_small' || code === 'too_big'));
}
