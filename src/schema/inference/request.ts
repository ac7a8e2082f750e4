import { z } from 'zod';
import { parameterTensors } from '../../core/closed-forms/parameters.ts';
import { tensorNames } from '../../core/comparison.ts';
import { reductionNames } from '../../core/reductions.ts';
import { expected, expectedOneOf } from '../expected.ts';
import { parse } from '../parse.ts';
import { sampleOutputNames } from './sample-outputs.ts';
import { passed, sampleParameters } from './sample-parameters.ts';

// The Open Inference Protocol, version 2:
// https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
// Its binary extension: https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md

/** The datatypes of the protocol that are numbers, or flags. */
const datatypes = [
  'FP64',
  'FP32',
  'FP16',
  'BF16',
  'BOOL',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
] as const;

export type Datatype = (typeof datatypes)[number];

function datatypeError(issue: { readonly input?: unknown }): string {
  if (issue.input !== 'BYTES') return expectedOneOf(datatypes).error(issue);
  return 'expected numbers, got the datatype BYTES, which is text: send categories as lists of text to POST /v1/kl-divergence';
}

/** `output` follows the parameter `reduction`; the others are reductions by name, and what is about samples. */
export const outputNames = ['output', ...reductionNames, ...sampleOutputNames] as const;

export type OutputName = (typeof outputNames)[number];

const flag = z.boolean(expected('true or false'));

const object = expected('an object');

export const inputParameters = z
  .looseObject(
    {
      binary_data_size: z
        .int(expected('an integer'))
        .min(0, 'expected a number of bytes, from 0 on')
        .optional()
        .meta({ description: 'How many bytes behind the JSON are this input, in place of `data`.' }),
    },
    object,
  )
  .meta({ id: 'InferenceInputParameters' });

export const outputParameters = z
  .looseObject({ binary_data: flag.optional().meta({ description: 'Whether it comes as bytes behind the JSON.' }) }, object)
  .meta({ id: 'InferenceOutputParameters' });

/** The options of a request of `/v1`, which may come as text here, and what the protocol has beside them. */
export const requestParameters = z
  .looseObject(
    {
      reduction: passed({ type: 'string', description: 'What `output` holds: one reduction, or several numbers, separated by commas.' }),
      dim: passed({
        anyOf: [{ type: 'integer' }, { type: 'string' }],
        description: 'An axis, or several as text: `"0,1"`. -1 when left out.',
      }),
      input_kind: passed({ $ref: '#/components/schemas/Kind' }),
      target_kind: passed({ $ref: '#/components/schemas/Kind' }),
      temperature: passed({
        type: 'number',
        exclusiveMinimum: 0,
        description: 'What logits are divided by on both sides. 1 when left out.',
      }),
      pseudocount: passed({
        type: 'number',
        minimum: 0,
        description: 'What is added to every count on both sides. 0 when left out.',
      }),
      base: passed({ anyOf: [{ type: 'number' }, { type: 'string' }], description: 'Of the logarithm. `"e"` when left out.' }),
      statistics: passed({
        anyOf: [{ type: 'boolean' }, { type: 'string' }],
        description: 'Whether to describe the divergences of all distributions, or with which quantiles as text: `"0.5,0.99"`.',
      }),
      strict: passed({ type: 'boolean', description: 'Refuse an answer that carries a warning of severity `warning`.' }),
      alpha: passed({ type: 'number', description: 'Of the model `renyi`: its order.' }),
      beta: passed({ type: 'number', description: 'Of the model `jensen_shannon`: the weight of `target`. 0.5 when left out.' }),
      sampled_from: passed({
        type: 'string',
        enum: ['input', 'target'],
        description: 'Of the models `k1`, `k2` and `k3`: the model that the samples are from.',
      }),
      ...sampleParameters,
      timeout: z
        .number(expected('microseconds, an integer'))
        .refine((value) => Number.isInteger(value) && value >= 0, 'expected microseconds, an integer from 0 on')
        .optional()
        .meta({
          override: {
            type: 'integer',
            minimum: 0,
            description:
              'Microseconds from when the request came, after which the client no longer waits for the answer; 0 is none. Of a request in JSON it is ' +
              'known when a thread reads it, of one with binary tensors before.',
          },
        }),
      binary_data_output: flag.optional().meta({ description: '`binary_data` of every output that does not say it.' }),
    },
    object,
  )
  .meta({ id: 'InferenceParameters', description: 'Other parameters are ignored, with a warning.' });

/** Tensors, and the parameters of distributions. */
const inputNames = [...tensorNames, ...parameterTensors] as const;

export const inferenceInput = z
  .looseObject(
    {
      name: z.enum(inputNames, expectedOneOf(inputNames)).meta({ id: 'InferenceInputName' }),
      // what it holds is checked by its reader
      shape: z
        .custom<unknown>((value) => value !== undefined, 'expected a list of integers, such as [2, 3], got nothing')
        .meta({
          override: {
            type: 'array',
            items: { type: 'integer', minimum: 1 },
            minItems: 1,
            maxItems: 32,
            description: 'The size along each axis.',
          },
        }),
      datatype: z.enum(datatypes, { error: datatypeError }).meta({ id: 'InferenceDatatype' }),
      parameters: inputParameters.optional(),
      data: passed({
        anyOf: [{ $ref: '#/components/schemas/NestedTensor' }, { $ref: '#/components/schemas/NestedWeights' }],
        description: 'All elements, in one list or nested. -Infinity may stand without quotes. Those of `weights` may be true or false.',
      }),
    },
    object,
  )
  .meta({
    id: 'InferenceInput',
    description:
      '`input` is Q, the model or approximation; `target` is P, the data or reference. `weights`, which may be left out, has the shape of `per_distribution` and may be of BOOL. Where the kind is a family of distributions, `input.loc` and the like are their parameters.',
  });

export const inferenceOutput = z
  .looseObject(
    {
      name: z.enum(outputNames, expectedOneOf(outputNames)).meta({
        id: 'InferenceOutputName',
        description:
          '`output` follows the parameter `reduction`; then come the reductions by name. Those with a dot are of samples, and of counts with the parameter ' +
          '`sampling`: what `bins` and `sampling` are in an answer of `/v1`, without elements where the request does not have them.',
      }),
      parameters: outputParameters.optional(),
    },
    object,
  )
  .meta({ id: 'InferenceOutput' });

export const inferenceRequest = z
  .looseObject(
    {
      id: z.string(expected('a text')).optional().meta({ description: 'Comes back with the answer.' }),
      parameters: requestParameters.optional(),
      inputs: z.array(inferenceInput, expected('a list of two tensors, input and target')),
      outputs: z
        .array(inferenceOutput, expected('a list of outputs'))
        .optional()
        .meta({ description: 'When there are none, `output`, and those about samples that the request has.' }),
    },
    expected('a JSON object'),
  )
  .meta({ id: 'InferenceRequest', description: 'Two tensors and what to answer. Unknown fields are ignored, with a warning.' });

export type InferenceRequest = z.infer<typeof inferenceRequest>;

const lists = ['inputs', 'outputs'];

/** Checks the envelope of an inference request; shapes and data pass through as they are. @throws RequestError INVALID_VALUE */
export function parseInference(body: unknown): InferenceRequest {
  return parse(inferenceRequest, body, lists);
}
