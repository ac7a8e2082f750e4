import { RequestError } from '../errors.ts';
import { jsonText, writeJson } from '../result/json-text.ts';
import type { FoundWarning } from '../result/warnings.ts';
import { type BodyFormat, type Query, readers } from '../wire/read-request.ts';
import type { Source } from '../wire/shared-body.ts';
import type { TensorScanner } from '../wire/tensor-scanner.ts';
import { answer } from './answer.ts';
import { explain, maxExplainedElements } from './explain.ts';
import type { Finder } from './find.ts';
import type { Limits } from './request.ts';
import { safetensorsAnswer } from './safetensors-answer.ts';
import { solve } from './solve.ts';

/** What to do with a body: everything that a thread must know beside its bytes. */
export type Work = {
  readonly task: keyof typeof tasks;
  readonly format: BodyFormat;
  readonly query: Query;
  readonly accepts: AnswerFormat;
  readonly limits: Limits;
};

type AnswerFormat = 'json' | 'safetensors';

/** What each endpoint does with a request that has been solved. */
const tasks = {
  answer: { mostElements: Number.POSITIVE_INFINITY, write: answer },
  explain: { mostElements: maxExplainedElements, write: explain },
} as const;

/** Milliseconds. */
export type Timings = Partial<Record<'parse' | 'compute' | 'encode', number>>;

/** An answer as bytes or text, or why there is none. A refusal travels between threads, where an error would lose its code. */
export type Outcome = { readonly timings: Timings } & (
  | { readonly answered: Answered; readonly refused?: never }
  | { readonly refused: Pick<RequestError, 'faults' | 'count' | 'extra'>; readonly answered?: never }
);

type Answered = {
  /** Bytes may lie in the memory of the body. */
  readonly content: string | Uint8Array;
  readonly elements: number;
  readonly warnings: readonly FoundWarning['code'][];
};

/** What makes large bodies fast, where a thread has it. */
export type Tools = { readonly scanTensor?: TensorScanner; readonly finder?: Finder | undefined; readonly writesInPlace?: boolean };

/** From the bytes of a request to the bytes of its answer. @throws Unread */
export function perform(work: Work, source: Source, tools: Tools = {}): Outcome {
  const timings: Timings = {};
  let lap = performance.now();
  const noted = <T>(phase: keyof Timings, value: T): T => {
    const now = performance.now();
    timings[phase] = now - lap;
    lap = now;
    return value;
  };
  const { mostElements, write } = tasks[work.task];
  const limits = { maxElements: Math.min(work.limits.maxElements, mostElements) };
  try {
    const request = noted('parse', readers[work.format](source, work.query, work.limits.maxElements, tools.scanTensor));
    const solved = noted('compute', solve(request, limits, tools.finder));
    const content = noted('encode', work.accepts === 'json' ? textOf(write(solved), source, tools) : safetensorsAnswer(solved));
    const { axes, warnings } = solved;
    return { timings, answered: { content, elements: axes.starts.length * axes.steps.length, warnings: warnings.map(({ code }) => code) } };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { faults, count, extra } = error;
    return { timings, refused: { faults, count, extra } };
  }
}

/** In a thread a large answer takes the place of its request, which is done with: other memory would be new. */
function textOf(
  answer: ReturnType<(typeof tasks)[Work['task']]['write']>,
  { bytes }: Source,
  { writesInPlace }: Tools,
): string | Uint8Array {
  const isLarge = 'results' in answer && Object.values(answer.results).some(Array.isArray);
  const length = writesInPlace && isLarge ? writeJson(answer, bytes) : undefined;
  return length === undefined ? jsonText(answer) : bytes.subarray(0, length);
}
