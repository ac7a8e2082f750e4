import { z } from 'zod';
import { klAnswer } from './answer.ts';
import { expected } from './expected.ts';
import { problem } from './problem.ts';
import { klOptions, klRequest } from './request.ts';

/** Most requests of one batch. */
export const maxItems = 1_000;

/** Longest accepted id, in code points. */
export const longestId = 256;

const itemId = z.union([z.string().max(longestId), z.number().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER)]).meta({
  id: 'ItemId',
  description: `What the caller calls a request: text of at most ${longestId} characters, or a number of at most 2⁵³ − 1. It comes back with the answer.`,
});

/** Tensors that an item may leave to `defaults`. */
const sharedTensors = {
  input: klRequest.shape.input.optional(),
  target: klRequest.shape.target.optional(),
  weights: klRequest.shape.weights,
};

/** One of many requests. Only the document is made of it: a request in a batch is checked as one that stands alone. */
const klItem = klRequest.extend({ id: itemId.optional(), ...sharedTensors }).meta({
  id: 'KlDivergenceItem',
  description: 'A request, and what the caller calls it. What it leaves out is as `defaults` says.',
});

export const klBatch = z
  .strictObject(
    {
      defaults: klOptions
        .extend(sharedTensors)
        .prefault({})
        .meta({ description: 'Options and tensors of every item that does not set them itself. The service decodes such a tensor once.' }),
      items: z.array(klItem).min(1).max(maxItems).meta({ description: 'The requests. One that is refused leaves the others alone.' }),
    },
    { error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : expected('a JSON object').error(issue)) },
  )
  .meta({ id: 'KlDivergenceBatch', description: 'Many requests in one body.' });

/** The same with items that are any JSON. */
export const batchEnvelope = klBatch.extend({
  items: z.array(z.unknown(), expected('a list of requests')).min(1, 'expected at least one request, got an empty list'),
});

const answeredItem = z
  .strictObject({ id: itemId.optional(), status: z.literal(200), ...klAnswer.shape })
  .meta({ id: 'KlDivergenceItemAnswer', description: 'A request that was answered, as it would be alone.' });

const refusedItem = z
  .strictObject({ id: itemId.optional(), status: z.int().min(400).max(599), problem })
  .meta({ id: 'KlDivergenceItemProblem', description: 'A request that was refused, as it would be alone; pointers lead into the item.' });

/** The answer to an item of a batch, or to a line of a stream. */
export const itemAnswer = z.union([answeredItem, refusedItem]);

export const klBatchAnswer = z
  .strictObject({ items: z.array(itemAnswer).meta({ description: 'An answer for each item, in their order.' }) })
  .meta({ id: 'KlDivergenceBatchAnswer' });
