import type { Problem, Warning } from '../service/answers.ts';
import { stepsOf } from '../text/locate.ts';

/** Something that the service says of a part of the request. */
export type Finding = {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly words: string;
  /** The field that it is about; none where it is about the whole request. */
  readonly field: string | undefined;
  /** The ways from the field to its elements; one of no steps for the whole field. */
  readonly ways: readonly (readonly string[])[];
};

/** More elements than these are not marked for one warning. */
const mostWays = 10;

/** Returns what the warnings of an answer say. Those that list indices are about these elements of their tensor. */
export function findingsOfWarnings(warnings: readonly Warning[]): Finding[] {
  return warnings.map(({ code, severity, message, pointer, details }) => {
    const [field, ...way] = stepsOf(pointer);
    const isTensor = (field === 'input' || field === 'target') && way.length === 0;
    const indices = isTensor && Array.isArray(details.indices) ? details.indices.slice(0, mostWays) : [];
    return { code, severity, words: message, field, ways: indices.length === 0 ? [way] : indices.map((index) => index.map(String)) };
  });
}

/** Returns what is wrong with a request that was refused. */
export function findingsOfProblem({ code, detail, errors }: Problem): Finding[] {
  const listed = errors.length === 0 ? [{ code, detail, pointer: '#' }] : errors;
  return listed.map((fault) => {
    const [field, ...way] = stepsOf(fault.pointer);
    return { code: fault.code, severity: 'error', words: fault.detail, field, ways: [way] };
  });
}

/** Returns the first sentence of what is said, for a place with little room. */
export function firstSentence(words: string): string {
  const [sentence] = words.split(/(?<=[.:])\s/, 1);
  return sentence.length > 110 ? `${sentence.slice(0, 107)}…` : sentence.replace(/[.:]$/, '');
}
