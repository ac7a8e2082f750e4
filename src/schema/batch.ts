import { z } from 'zod';
import { klAnswer } from './answer.ts';
import { expected, expectedObject } from './expected.ts';
import { problem } from './problem.ts';
import { klOptions, klRequest } from './request.ts';

/** Most requests of one batch. */
export const maxItems = 1_000;

/** Longest accepted id, in code points. */
export const longestId = 256;

export const itemId = z.union([z.string().max(longestId), z.number().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER)]).meta({
  id: 'ItemId',
  description: `What the caller calls a request: text of at most ${longestId} characters, or a number of at most 2⁵³ − 1. It comes back with the answer.`,
});

const refusedItem = z
  .strictObject({ id: itemId.optional(), status: z.int().min(400).max(599), problem })
  .meta({ id: 'KlDivergenceItemProblem', description: 'A request that was refused, as it would be alone; pointers lead into the item.' });

/** Tensors that an item may leave to `defaults`. */
const sharedTensors = {
  input: klRequest.shape.input.optional(),
  target: klRequest.shape.target.optional(),
  weights: klRequest.shape.weights,
};

/** The envelope of many requests, of which each is a `request`. @param id what its schemas are called */
export function batchOf<Request extends typeof klRequest, Options extends typeof klOptions>(
  request: Request,
  options: Options,
  id: string,
) {
  // only the document is made of it: a request in a batch is checked as one that stands alone
  const item = request.extend({ id: itemId.optional(), ...sharedTensors }).meta({
    id: `${id}Item`,
    description: 'A request, and what the caller calls it. What it leaves out is as `defaults` says.',
  });
  const batch = z
    .strictObject(
      {
        defaults: options.extend(sharedTensors).prefault({}).meta({
          description: 'Options and tensors of every item that does not set them itself. The service decodes such a tensor once.',
        }),
        items: z.array(item).min(1).max(maxItems).meta({ description: 'The requests. One that is refused leaves the others alone.' }),
      },
      expectedObject('a JSON object'),
    )
    .meta({ id: `${id}Batch`, description: 'Many requests in one body.' });
  /** The envelope alone: its items may be any JSON, and each is checked when it is its turn. */
  const envelope = batch.extend({
    items: z.array(z.unknown(), expected('a list of requests')).min(1, 'expected at least one request, got an empty list'),
  });
  return { batch, envelope };
}

export const { batch: klBatch, envelope: klBatchEnvelope } = batchOf(klRequest, klOptions, 'KlDivergence');

/** The answers to many requests, each of which has an `answer` or a problem. @param id what the schemas are called */
export function batchAnswerOf(answer: z.ZodObject, id: string) {
  const answered = z
    .strictObject({ id: itemId.optional(), status: z.literal(200), ...answer.shape })
    .meta({ id: `${id}ItemAnswer`, description: 'A request that was answered, as it would be alone.' });
  const item = z.union([answered, refusedItem]);
  const batch = z
    .strictObject({ items: z.array(item).meta({ description: 'An answer for each item, in their order.' }) })
    .meta({ id: `${id}BatchAnswer` });
  return { item, batch };
}

/** The answer to an item of a batch, or to a line of a stream, and to a batch. */
export const { item: itemAnswer, batch: klBatchAnswer } = batchAnswerOf(klAnswer, 'KlDivergence');
