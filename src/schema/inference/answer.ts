import { z } from 'zod';
import { jsonNumber } from '../operands/tensor.ts';
import { problem } from '../problem.ts';
import { inferenceInput, inferenceOutput } from './request.ts';

const count = z.int().min(0);

export const serverMetadata = z
  .strictObject({ name: z.string(), version: z.string(), extensions: z.array(z.string()) })
  .meta({ id: 'InferenceServerMetadata' });

const tensorMetadata = z
  .strictObject({
    name: z.string(),
    datatype: inferenceInput.shape.datatype,
    shape: z.array(z.int()).meta({ description: 'One -1, for any number of axes of any size: the protocol has no word for that.' }),
  })
  .meta({ id: 'InferenceTensorMetadata' });

export const modelMetadata = z
  .strictObject({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z.array(tensorMetadata),
    outputs: z.array(tensorMetadata),
  })
  .meta({ id: 'InferenceModelMetadata' });

export const serverLive = z.strictObject({ live: z.boolean() }).meta({ id: 'InferenceServerLive' });

export const serverReady = z.strictObject({ ready: z.boolean(), live: z.boolean() }).meta({ id: 'InferenceServerReady' });

export const modelReady = z.strictObject({ name: z.string(), ready: z.boolean() }).meta({ id: 'InferenceModelReady' });

const responseOutput = z
  .strictObject({
    name: inferenceOutput.shape.name,
    datatype: z.literal('FP64'),
    shape: z.array(count).meta({ description: 'A single number has shape [1].' }),
    parameters: z
      .strictObject({
        reduction: z.string().optional().meta({ description: 'Of `output`: what it holds, comma-separated.' }),
        binary_data_size: count.optional().meta({ description: 'How many bytes behind the JSON are this output, in place of `data`.' }),
      })
      .meta({ id: 'InferenceResultParameters' })
      .optional(),
    data: z.array(jsonNumber).optional().meta({ description: 'All elements, row-major.' }),
  })
  .meta({ id: 'InferenceResult' });

export const inferenceResponse = z
  .strictObject({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional().meta({ description: 'That of the request.' }),
    parameters: z
      .strictObject({
        warnings: z.string().meta({ description: 'What the reader of the numbers should know: a list of `Warning` as JSON text.' }),
        warning_count: count,
        statistics: z
          .string()
          .optional()
          .meta({ description: 'The `statistics` of an answer of `/v1` as JSON text, where the request asks.' }),
      })
      .meta({ id: 'InferenceResponseParameters' }),
    outputs: z.array(responseOutput),
  })
  .meta({ id: 'InferenceResponse' });

export const inferenceError = z
  .strictObject({
    error: z.string().meta({ description: 'What is wrong with this request, where clients of the protocol look for it.' }),
    ...problem.shape,
  })
  .meta({
    id: 'InferenceError',
    description: 'A problem, with `error` as the protocol has it. Its status is 400 where `/v1` answers 422.',
  });
