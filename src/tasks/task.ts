import type { ProblemContext } from '../errors/problem-details.ts';
import type { Refusal } from '../errors/sent-error.ts';
import type { Query } from '../formats/divergence-request.ts';
import type { ModelName } from '../formats/inference/models.ts';
import type { ItemScanner } from '../kernels/item-scanner.ts';
import type { NumberScanner } from '../kernels/number-scanner.ts';
import type { BodyReader } from '../memory/shared-body.ts';
import type { WarningCode } from '../warnings/warnings.ts';
import type { SolveTools } from './solve/solve-tools.ts';

/** What a request may cost. */
export type Limits = { readonly maxElements: number };

/** What can be done with a body. */
export const taskNames = [
  'json',
  'safetensors',
  'explain',
  'infer',
  'batch',
  'lines',
  'divergences_json',
  'divergences_safetensors',
  'divergences_batch',
  'divergences_lines',
] as const;

export type TaskName = (typeof taskNames)[number];

/** What to do with a body: everything that a thread must know beside its bytes. */
export type TaskInput = {
  readonly task: TaskName;
  readonly query: Query;
  readonly accepts: AnswerFormat;
  readonly limits: Limits;
  /** For problems that stand inside of an answer. */
  readonly problemContext: ProblemContext;
  /** How many bytes of the body are JSON, as the client says it, where binary tensors follow. */
  readonly headerLength?: string | undefined;
  /** The model of the Open Inference Protocol that is asked; `kl_div` where there is none. */
  readonly model?: ModelName;
  /** When the request came, in ms on the clock of all threads. */
  readonly received: number;
  /** Until when its answer is waited for, on the same clock. */
  readonly deadline: number;
};

type AnswerFormat = 'json' | 'safetensors';

/** For a body of the service itself: a request in JSON, which may take as long as it does. */
export const ownInput: TaskInput = {
  task: 'json',
  query: {},
  accepts: 'json',
  limits: { maxElements: 2 ** 20 },
  problemContext: { path: '', requestId: '' },
  received: 0,
  deadline: Number.POSITIVE_INFINITY,
};

/** What a thread has that makes large bodies fast, and whom it tells of a deadline, in ms on the clock of all threads. */
export type WorkerTools = SolveTools & {
  readonly scanTensor?: NumberScanner;
  readonly scanItems?: ItemScanner;
  readonly writesInPlace?: boolean;
  readonly onDeadline?: (deadline: number) => void;
};

/** How long each phase of a request took, in ms; `queue` is the wait for a worker. */
export type Timings = Partial<Record<'queue' | 'parse' | 'compute' | 'encode', number>>;

/**
 * Work, the bytes it is done on, and a watch: `lap` runs a step and adds the time since the last lap to a phase, also where the step fails.
 */
export type TaskContext = {
  readonly input: TaskInput;
  readonly body: BodyReader;
  readonly tools: WorkerTools;
  readonly lap: <T>(phase: keyof Timings, step: () => T) => T;
};

/** A text, or bytes in pieces, some of which may lie in the memory of the body. */
export type Content = string | readonly Uint8Array[];

/** Returns the length of a text, in characters, or of all pieces together. */
export function lengthOf(content: Content): number {
  return typeof content === 'string' ? content.length : content.reduce((length, piece) => length + piece.length, 0);
}

export type TaskOutput = {
  readonly content: Content;
  /** How many bytes of the content lie in the memory of the body. */
  readonly inPlace?: number;
  readonly elements: number;
  readonly warnings: readonly WarningCode[];
  /** How many bytes of the content are JSON, where binary tensors follow. */
  readonly headerLength?: number;
  readonly items?: ItemCounts;
};

/** Of several requests in one body, how many were answered, and how many refused. */
export type ItemCounts = { readonly answered: number; readonly refused: number };

/** How long a request was worked on, in ms, without its wait. */
export function computeMs({ parse = 0, compute = 0, encode = 0 }: Timings): number {
  return parse + compute + encode;
}

/** The response of a request, or why there is none. */
export type TaskResult = { readonly timings: Timings } & (
  | { readonly answered: TaskOutput; readonly refused?: never }
  | { readonly refused: Refusal; readonly answered?: never }
);
