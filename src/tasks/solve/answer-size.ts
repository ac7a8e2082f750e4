import { type Reduction, type ReductionName, reductions } from '../../core/reductions.ts';
import { overloaded, type RequestError, refuse } from '../../errors/request-error.ts';
import { type Binned, type DivergenceRequest, isDenseRequest, type TensorForm } from '../../formats/divergence-request.ts';
import type { Verdict } from '../../memory/shared-body.ts';
import { announceAnswer } from '../../memory/task-memory.ts';
import { wantsSampling } from '../../schema/sample-options.ts';
import { elementCount } from '../../tensor/tensor.ts';

/** What an answer is written as: a tensor's form in JSON, or bytes of float64. */
type AnswerForm = TensorForm | 'bytes';

/** What the length of an answer follows from: the shape of the operands, the shape without `dim`, and what is written, in which form. */
export type AnswerPlan = {
  readonly shape: readonly number[];
  readonly rest: readonly number[];
  readonly reductions: readonly ReductionName[];
  readonly form: AnswerForm;
  /** Where `none` comes back as lists of outcomes: how many numbers there are, and the bytes of all outcomes in JSON. */
  readonly listed?: { readonly entries: number; readonly textBytes: () => number };
  /** How many divergences the answer frames, each with numbers and warnings of its own; 1 when left out. */
  readonly frames?: number;
  /** Whether each of them has statistics. */
  readonly hasStatistics?: boolean | undefined;
  /** The bytes of its other members that are as long as the request makes them; 0 when left out. */
  readonly beside?: number;
};

/** Longest number as JSON with its comma: a sign, `0.00000` and 17 digits. */
const numberBytes = 26;

/** Brackets of a list and the comma behind it. */
const listBytes = 3;

/** Everything in an answer but its tensors: numbers, divisors, axes, and warnings with their samples of indices. */
const frameBytes = 2 ** 14;

/** Statistics: at most 32 quantiles, and ten divergences with an index of 32 axes each. */
const statisticsBytes = 2 ** 13;

/**
 * Returns the bytes that an answer has at the most: of all its tensors, with the brackets of every axis, and the rest. A bound and not the
 * length: numbers have as many digits as they need.
 */
export function answerBytes(plan: AnswerPlan): number {
  const { shape, rest, reductions: names, form, listed, frames = 1, hasStatistics = false, beside = 0 } = plan;
  const ofTerms = listed === undefined ? () => tensorBytes(shape, form) : () => listedBytes(listed, rest, form);
  return names.reduce(
    (bytes, name) => bytes + (isTensor(name) ? (name === 'none' ? ofTerms() : tensorBytes(rest, form)) : 0),
    frames * (frameBytes + (hasStatistics ? statisticsBytes : 0)) + beside,
  );
}

/** Returns the bytes that the members about samples and sampling have at the most, in any form. @param divergences how many there are */
export function besideBytes(request: DivergenceRequest, rest: readonly number[], divergences = 1): number {
  if (!isDenseRequest(request)) return 0;
  const { binned, confidence, input } = request;
  const list = (count: number) => tensorBytes([...rest, count], input.tensor.form);
  const bins = binned === undefined ? 0 : nameBytes(binned) + 2 * list(binned.bins) + 2 * list(1);
  return bins + (wantsSampling(request) ? list(1) * (3 + divergences * (confidence === undefined ? 2 : 4)) : 0);
}

/** Longest escape of a UTF-16 unit, with quotes and a comma for each name. */
function nameBytes({ categories = [], edges }: Binned): number {
  return (
    categories.reduce((bytes, name) => bytes + 6 * name.length + 3, 0) + (edges === undefined ? 0 : tensorBytes([edges.length], 'flat'))
  );
}

/** Numbers and outcomes, each in a list of its own for each distribution. */
function listedBytes({ entries, textBytes }: NonNullable<AnswerPlan['listed']>, rest: readonly number[], form: AnswerForm): number {
  return tensorBytes([entries], form) + listBytesOf(rest) + outcomesBytes({ textBytes }, rest);
}

/** Returns the bytes that outcomes take at the most, in a list for each distribution. */
export function outcomesBytes({ textBytes }: Pick<NonNullable<AnswerPlan['listed']>, 'textBytes'>, rest: readonly number[]): number {
  return textBytes() + listBytesOf(rest);
}

/** What a list for each distribution takes beside its entries. */
function listBytesOf(rest: readonly number[]): number {
  return (elementCount(rest) + listsIn(rest)) * listBytes;
}

/** Returns the bytes that one tensor takes at the most. */
export function tensorBytes(shape: readonly number[], form: AnswerForm): number {
  return bytesOf[form](shape, elementCount(shape));
}

const bytesOf: Readonly<Record<AnswerForm, (shape: readonly number[], count: number) => number>> = {
  nested: (shape, count) => count * numberBytes + listsIn(shape) * listBytes,
  flat: (_, count) => count * numberBytes + listBytes,
  base64: (_, count) => 4 * Math.ceil((8 * count) / 3),
  bytes: (_, count) => 8 * count,
};

/** Returns how many lists a tensor nests: one for itself, one for every entry along the first axis, and so on. */
function listsIn(shape: readonly number[]): number {
  let lists = 1;
  let all = 0;
  for (const size of shape) {
    all += lists;
    lists *= size;
  }
  return all;
}

function isTensor(name: ReductionName): boolean {
  const reduction: Reduction = reductions[name];
  return 'tensor' in reduction;
}

/** No answer is longer: it would take a thread for many seconds. */
const maxAnswerBytes = 2 ** 29;

/**
 * Claims the memory of an answer before anything is computed.
 * @param bytes what `answerBytes` says
 * @param inPlace how many of them find room in the memory of the body
 * @throws RequestError ANSWER_TOO_LARGE, OVERLOADED
 */
export function claimAnswer(bytes: number, inPlace = 0): void {
  if (bytes > maxAnswerBytes)
    throw answerTooLarge(`the answer may take ${mebibytes(bytes)}; at most ${mebibytes(maxAnswerBytes)} are written`);
  announceAnswer(Math.max(0, bytes - inPlace));
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}

/** What a task is refused with whose memory is not granted. */
export function exhaustedMemory(verdict: Verdict): RequestError {
  if (verdict === 'impossible')
    return answerTooLarge('this request and its answer take more memory than this instance has for all requests');
  return overloaded('bytes', 'the requests that are here already leave no memory for this one and its answer');
}

function answerTooLarge(what: string): RequestError {
  const hint =
    'ask for fewer tensors, per_distribution in place of none, safetensors or binary data in place of JSON, or leave out axes of size 1';
  return refuse('ANSWER_TOO_LARGE', '#/reduction', `${what}: ${hint}`);
}
