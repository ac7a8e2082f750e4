import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { type Fault, RequestError, refuse } from '../errors/request-error.ts';
import { isObject } from '../errors/wording.ts';
import { parseJson } from '../formats/json/parse-json.ts';
import { divergencesContract } from '../schema/divergences.ts';
import { jobOperandFields, jobRequest } from '../schema/jobs.ts';
import { parse, refuseListOrText } from '../schema/parse.ts';
import { klContract, listOptions, type Options, parseOptions, unknownFieldHint } from '../schema/parse-request.ts';
import type { StoredOperand } from '../sources/stored-tensor.ts';
import { refuseMany } from './refuse-many.ts';
import type { ItemOf } from './shards/job-plan.ts';

type Sent = z.infer<typeof jobRequest>;

/** A pair of tensors with an answer of its own, as it was sent. */
export type JobItem = ItemOf<StoredOperand>;

/** What a job is asked for. */
export type JobRequest = {
  readonly options: Options;
  /** Whether the answer is a list, of which each entry has its item's id. */
  readonly isList: boolean;
  readonly items: readonly JobItem[];
  /** A prefix of URIs below which the divergence of each distribution is written. */
  readonly output?: string | undefined;
  /** A hash, equal for requests that ask for the same: a job that is sent twice is recognised by it. */
  readonly fingerprint: string;
};

const jobFields = Object.keys(jobRequest.shape);

const ofLists = 'a job compares dense tensors; lists of outcomes go to /v1/kl-divergence and /v1/divergences';
const ofSamples = 'a job compares dense tensors; samples go to /v1/kl-divergence and /v1/divergences';
const ofSampling = 'a job does not say what chance makes of a divergence; /v1/kl-divergence and /v1/divergences do';

/** Fields of requests with tensors in the body that a job has no use for. */
const elsewhere = new Map([
  ['rest', ofLists],
  ['bins', ofSamples],
  ['missing', ofSamples],
  ['estimator', ofSamples],
  ['k', ofSamples],
  ['sampled_from', ofSamples],
  ['sampling', ofSampling],
  ['confidence', ofSampling],
  ['seed', ofSampling],
  ['reductions', 'one reduction or a list of them is called reduction here'],
]);

/** The fields of the objects in a job, by what their pointers end with. */
const innerFields: readonly { readonly at: RegExp; readonly fields: readonly string[] }[] = [
  { at: /^#\/items\/\d+$/, fields: ['id', 'input', 'target', 'weights'] },
  { at: /\/(input|target|weights)$/, fields: ['uri', 'tensor', 'column'] },
  { at: /^#\/output$/, fields: ['per_distribution'] },
];

/** What may be meant by a field that the object at a pointer does not have. */
function hint(key: string, pointer: string): string {
  const inner = innerFields.find(({ at }) => at.test(pointer))?.fields;
  if (inner === undefined) return elsewhere.get(key) ?? unknownFieldHint(key, jobFields);
  if (jobFields.includes(key)) return `it stands once beside ${pointer.startsWith('#/items') ? 'items' : 'input and target'}`;
  return `the fields here are ${inner.join(', ')}`;
}

/** Reads the body of a job. @throws RequestError of a text that is no JSON; UNKNOWN_FIELD, INVALID_VALUE */
export function readJobRequest({ buffer, byteOffset, byteLength }: Uint8Array): JobRequest {
  return parseJobRequest(parseJson(Buffer.from(buffer, byteOffset, byteLength), byteLength));
}

/**
 * Checks the body of a job and fills in the defaults. Which files there are is not looked at.
 * @throws RequestError UNKNOWN_FIELD, INVALID_VALUE
 */
export function parseJobRequest(body: unknown): JobRequest {
  refuseListOrText(body, 'a list of pairs goes into items: {"items": [{"input": …, "target": …}]}');
  refuseMany(body);
  const sent: Sent = parse(jobRequest, body, listOptions, hint);
  const given = Object.fromEntries(
    Object.entries(sent).filter(([name, value]) => value !== undefined && !(jobOperandFields as readonly string[]).includes(name)),
  );
  const options = parseOptions(given, sent.divergences === undefined ? klContract : divergencesContract);
  return {
    options,
    isList: sent.items !== undefined,
    items: itemsOf(sent),
    output: sent.output?.per_distribution,
    fingerprint: createHash('sha256').update(canonical(body)).digest('hex'),
  };
}

/** @throws RequestError INVALID_VALUE unless there are either both sides or items, with distinct ids */
function itemsOf({ input, target, weights, items }: Sent): readonly JobItem[] {
  if (items !== undefined) {
    if (input !== undefined || target !== undefined || weights !== undefined) {
      throw refuse('INVALID_VALUE', '#/items', 'expected either items, or input and target: an item has its own input, target and weights');
    }
    refuseRepeatedIds(items.map(({ id }) => id));
    return items.map((item, position) => ({ ...item, pointer: `#/items/${position}` }));
  }
  const missing = (['input', 'target'] as const).filter((name) => (name === 'input' ? input : target) === undefined);
  if (missing.length > 0 || input === undefined || target === undefined) {
    throw new RequestError(
      missing.map((name): Fault => ({ pointer: `#/${name}`, code: 'INVALID_VALUE', detail: 'expected an object with a uri, got nothing' })),
    );
  }
  return [{ pointer: '#', input, target, weights }];
}

/** @throws RequestError INVALID_VALUE */
function refuseRepeatedIds(ids: readonly (string | number | undefined)[]): void {
  const seen = new Map<string | number, number>();
  for (const [position, id] of ids.entries()) {
    if (id === undefined) continue;
    const first = seen.get(id);
    if (first !== undefined)
      throw refuse('INVALID_VALUE', `#/items/${position}/id`, `expected an id of its own; item ${first} has the same`);
    seen.set(id, position);
  }
}

/** JSON with the names of every object in one order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one) =>
    isObject(one) ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1))) : one,
  );
}
