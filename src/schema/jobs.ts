import { z } from 'zod';
import { kindNames } from '../core/kinds.ts';
import { reductionNames, reductions } from '../core/reductions.ts';
import { klAnswer } from './answer.ts';
import { itemId, longestId } from './batch.ts';
import { divergencesAnswer, divergencesRequest } from './divergences.ts';
import { expected, expectedObject, expectedOneOf } from './expected.ts';
import { problem } from './problem.ts';
import { klRequest } from './request.ts';
import { sourceUri } from './source-uri.ts';

/** Most pairs of one job, and most files of one tensor. */
export const mostNamed = 10_000;
export const tooMany = { pairs: `expected at most ${mostNamed} pairs`, uris: `expected at most ${mostNamed} URIs` } as const;

/** What a job may be asked for: numbers, since tensors go to `output`. */
const jobReductionNames = reductionNames.filter((name) => 'divisor' in reductions[name]) as [
  (typeof reductionNames)[number],
  ...(typeof reductionNames)[number][],
];

export const jobStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelling', 'cancelled'] as const;

const uris = z
  .array(sourceUri)
  .min(1, 'expected at least one URI, got an empty list')
  .max(mostNamed, tooMany.uris)
  .meta({ description: 'Files that follow each other along the first axis.' });

const storedOperand = z
  .strictObject(
    {
      uri: z.union([sourceUri, uris], expected('a URI or a list of URIs')),
      tensor: z
        .string(expected('the name of a tensor'))
        .max(longestId)
        .optional()
        .meta({ description: 'Of safetensors: the name of the tensor. It may be left out where a file has one.' }),
      column: z
        .string(expected('the name of a column'))
        .max(longestId)
        .optional()
        .meta({ description: 'Of Parquet: the name of the column.' }),
    },
    expectedObject('an object with a uri'),
  )
  .meta({
    id: 'StoredOperand',
    description:
      'A tensor that is stored elsewhere: safetensors in one or several files or behind a `model.safetensors.index.json`, `.npy`, or a column of Parquet.',
  });

const denseKind = z
  .enum(kindNames, expectedOneOf(kindNames))
  .meta({ id: 'DenseKind', description: 'How the numbers along `dim` are read.' });

const toFiles = 'the divergence of each distribution goes to files: "output": {"per_distribution": "file:///…"}';
const aNumber = expectedOneOf(jobReductionNames, {}, { none: toFiles, per_distribution: toFiles });

const jobReduction = z.union([z.enum(jobReductionNames, aNumber), z.array(z.enum(jobReductionNames, aNumber)).min(1)], aNumber).meta({
  id: 'JobReduction',
  description: 'One reduction to a number, or a list of them. The divergences of single distributions go to `output`.',
});

const pair = {
  input: storedOperand.meta({ description: 'Q, the model or approximation.' }),
  target: storedOperand.meta({ description: 'P, the data or reference, of the same shape.' }),
  weights: storedOperand.optional().meta({ description: 'One for each distribution. A distribution of weight 0 is not read.' }),
};

const { temperature, pseudocount, dim, base, statistics, strict } = klRequest.shape;

const jobItem = z
  .strictObject({ id: itemId.optional(), ...pair }, expectedObject('an object with input and target'))
  .meta({ id: 'JobItem', description: 'A pair of tensors with an answer of its own, and what the caller calls it.' });

export const jobRequest = z
  .strictObject(
    {
      input: pair.input.optional(),
      target: pair.target.optional(),
      weights: pair.weights,
      items: z
        .array(jobItem, expected('a list of pairs'))
        .min(1, 'expected at least one pair, got an empty list')
        .max(mostNamed, tooMany.pairs)
        .optional()
        .meta({ description: 'Many pairs in place of `input` and `target`, each with an answer of its own.' }),
      divergences: divergencesRequest.shape.divergences.meta({
        description:
          'The divergences to compute, with the answer of `/v1/divergences`. Without it the answer is that of `/v1/kl-divergence`.',
      }),
      input_kind: denseKind.optional(),
      target_kind: denseKind.optional(),
      temperature: temperature.optional(),
      pseudocount: pseudocount.optional(),
      dim,
      reduction: jobReduction.optional(),
      base: base.optional(),
      statistics,
      strict: strict.optional(),
      output: z.strictObject({ per_distribution: sourceUri }, expectedObject('an object with per_distribution')).optional().meta({
        id: 'ResultFiles',
        description:
          'A prefix below which the divergence of each distribution is written, as safetensors files such as `…00001-of-00020.safetensors`, one for each shard.',
      }),
    },
    expectedObject('a JSON object'),
  )
  .meta({ id: 'JobRequest', description: 'A request whose tensors are stored elsewhere. Unknown fields are refused.' });

/** Server-sent events, which OpenAPI knows as a text. */
export const jobEvents = z
  .string()
  .meta({ id: 'JobEvents', description: '`id`, `event` and `data` of each: `data` is a JobSummary, and at the end a Job.' });

/** Fields of a job that are no option of a request. */
export const jobOperandFields = ['input', 'target', 'weights', 'items', 'output'] as const;

const count = z.number().min(0);

const doneOfTotal = z.strictObject({ done: count, total: count }).meta({ id: 'DoneOfTotal' });

const time = z.iso.datetime();

export const job = z
  .strictObject({
    id: z.string(),
    status: z.enum(jobStatuses).meta({
      id: 'JobStatus',
      description: '`cancelling` becomes `cancelled` when the last shard has stopped.',
    }),
    done: z.boolean().meta({ description: 'Whether the job is over: succeeded, failed or cancelled.' }),
    created_at: time,
    started_at: time.optional(),
    finished_at: time.optional(),
    expires_at: time.optional().meta({ description: 'When the job and its result are forgotten, and its Idempotency-Key is free again.' }),
    progress: z
      .strictObject({
        shards: z.strictObject({ ...doneOfTotal.shape, retried: count }).meta({ id: 'ShardProgress' }),
        distributions: doneOfTotal,
        bytes: doneOfTotal,
      })
      .meta({ id: 'JobProgress', description: 'It never falls.' }),
    sources: z
      .array(z.strictObject({ uri: z.string(), size: count, etag: z.string().optional() }).meta({ id: 'JobSource' }))
      .meta({ description: 'The files. One that changes while the job runs fails it.' }),
    result: z
      .union([klAnswer, divergencesAnswer, z.strictObject({ items: z.array(z.unknown()) })])
      .optional()
      .meta({
        description:
          'As the same request with the tensors in its body is answered, but for rounding; with `items`, a list of such answers.',
      }),
    problem: problem.partial({ request_id: true, instance: true }).optional().meta({ description: 'Why the job failed.' }),
  })
  .meta({ id: 'Job' });

export const jobList = z
  .strictObject({
    jobs: z.array(job.omit({ result: true, sources: true }).meta({ id: 'JobSummary' })),
    cursor: z.string().optional().meta({ description: 'For the next page; absent on the last.' }),
  })
  .meta({ id: 'JobList', description: 'The jobs of this client, the newest first.' });

/** Longest accepted Idempotency-Key, in characters. */
export const longestKey = 255;

/** Jobs on a page. */
export const pageSize = { standard: 50, most: 200 } as const;

export const jobPath = z.object({ id: z.string() });

export const jobHeaders = z.object({
  'idempotency-key': z.string().optional().meta({
    description: 'With it, a request that is sent twice is one job, until that is deleted.',
  }),
  prefer: z.string().optional().meta({ description: '`wait=10` waits for the end of the job, 10 seconds at the most.' }),
});

export const jobPage = z.object({
  status: z.enum(jobStatuses).optional(),
  cursor: z.string().optional().meta({ description: 'That of the page before.' }),
  limit: z.int().min(1).max(pageSize.most).default(pageSize.standard),
});
