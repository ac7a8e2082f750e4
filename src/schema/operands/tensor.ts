import { z } from 'zod';
import { parameterNames } from '../../core/closed-forms/parameters.ts';

const nonFinite = z.enum(['Infinity', '-Infinity', 'NaN']).meta({
  id: 'NonFinite',
  description: 'The numbers for which JSON has no literals, as strings.',
  'x-enum-varnames': ['INFINITY', 'NEGATIVE_INFINITY', 'NAN'],
});

export const jsonNumber = z.union([z.number(), nonFinite]).meta({
  id: 'JsonNumber',
  description: 'A number. The non-finite ones, for which JSON has no literals, are strings.',
});

// a schema that refers to itself is more than some generators of clients can take: deeper lists are any lists here
const nested = <Element extends z.ZodType>(element: Element) =>
  z.array(z.union([element, z.array(z.union([element, z.array(z.unknown()).min(1)])).min(1)])).min(1);

const depth = 'Lists nested to any depth up to 32, all of one depth of one length; the schema follows the first two levels.';

const nestedResult = nested(jsonNumber).meta({ id: 'NestedResult', description: `${depth} \`np.array(lists, dtype=float)\` reads them.` });

const resultShape = z.array(z.int().min(1)).meta({ description: 'The size along each axis; [] for a single number.' });

const flatResult = z
  .strictObject({ shape: resultShape, data: z.array(jsonNumber).min(1).meta({ description: 'All elements, row-major.' }) })
  .meta({ id: 'FlatResult', description: 'A shape and a flat list. `np.array(data, dtype=float).reshape(shape)` reads them.' });

const base64Result = z
  .strictObject({
    shape: resultShape,
    dtype: z.literal('float64'),
    base64: z.string().meta({ description: 'Little-endian row-major bytes: standard alphabet, padded, no line breaks.' }),
  })
  .meta({ id: 'Base64Result', description: 'A shape and bytes. `np.frombuffer(base64.b64decode(text)).reshape(shape)` reads them.' });

/** A tensor of an answer. Answers are validated by it in tests. */
export const tensor = z.union([jsonNumber, nestedResult, flatResult, base64Result]).meta({
  id: 'ResultTensor',
  description: 'A tensor in the form of `input`. One without axes is a plain number where `input` is nested lists.',
});

export const element = z.union([z.number(), nonFinite, z.null()]).meta({
  id: 'TensorElement',
  description:
    'A number. "-Infinity" is a mass of 0 among logits and log-probabilities, and refused among others. "NaN", "Infinity" and null may stand ' +
    'where the weight is 0, which is not read, and are refused elsewhere.',
});

const nestedTensor = nested(element).meta({
  id: 'NestedTensor',
  description: `${depth} \`array.tolist()\` in NumPy and PyTorch, with "-Infinity" for \`-inf\`.`,
});

const shape = z.array(z.int().min(1)).min(1).max(32).meta({ description: 'The size along each axis.' });

const flatTensor = z.strictObject({ shape, data: nestedTensor }).meta({
  id: 'FlatTensor',
  description:
    'A shape, and all elements in one list, row-major; lists nested to that shape are read too. `{"shape": array.shape, "data": array.ravel().tolist()}` in NumPy.',
});

const base64Tensor = z
  .strictObject({
    shape,
    dtype: z.enum(['float32', 'float64']).optional().meta({ description: 'float64 when left out.' }),
    base64: z.string().meta({ description: 'Little-endian row-major bytes: standard alphabet, padded, no line breaks.' }),
  })
  .meta({
    id: 'Base64Tensor',
    description:
      'A shape and bytes, the most compact form. `base64.b64encode(np.ascontiguousarray(array, "<f8").tobytes()).decode()` makes them.',
  });

const observation = z.union([z.number(), z.string(), z.null()]).meta({
  id: 'Observation',
  description: 'A number or a category. null is one that is missing, which `"missing": "category"` allows.',
});

const samples = z
  .array(z.union([observation, z.array(observation).min(1)]))
  .min(1)
  .meta({
    id: 'Samples',
    description: 'Kind `samples` only: observations, or rows of them. All of them are numbers, or all are text; rows may differ in length.',
  });

/** A tensor of a request, as the document shows it. Requests are never validated by it: see `opaqueTensor`. */
export const requestTensor = z.union([nestedTensor, flatTensor, base64Tensor, samples]).meta({
  id: 'Tensor',
  description:
    'Nested lists, a shape with a flat list, or a shape with base64 bytes; of the kind `samples` also rows that differ in length, and text.',
});

/**
 * A tensor of a request. Opaque here: zod would walk every element, and could only say "Invalid input".
 * What it must be is documented by `requestTensor`, and checked with a pointer at each element by formats/json/decode-tensor.ts.
 */
export const opaqueTensor = z.custom<unknown>((value) => value !== undefined, 'expected a tensor, got nothing');

/** A parameter of a request, as the document shows it. */
const parameterTensor = z.union([z.number(), nestedTensor, flatTensor, base64Tensor]).meta({
  id: 'ParameterTensor',
  description: 'A number, which counts for every distribution, or a tensor.',
});

/** The parameters of one side, as the document shows them. */
export const requestParameters = z
  .strictObject(Object.fromEntries(parameterNames.map((name) => [name, parameterTensor.optional()])))
  .meta({ id: 'Parameters', description: 'The parameters of distributions, as the kind has them. Tensors are of one shape.' });

/** How the document shows an operand that is `opaqueTensor`. */
export const operandReference = { $ref: '#/components/schemas/Operand' } as const;

const weight = z.union([z.number().min(0), z.boolean()]).meta({ id: 'Weight', description: 'A number from 0 on; true is 1 and false 0.' });

const nestedWeights = nested(weight).meta({ id: 'NestedWeights', description: depth });

/** The weights of a request, as the document shows them. */
export const requestWeights = z
  .union([
    weight,
    nestedWeights,
    z
      .strictObject({ shape: resultShape, data: nestedWeights })
      .meta({ id: 'FlatWeights', description: 'A shape, and all weights in one list; lists nested to that shape are read too.' }),
    base64Tensor,
  ])
  .meta({ id: 'Weights', description: 'A tensor of the shape of `per_distribution`, which is a single number for a single distribution.' });

/** How the document shows the weights among the fields of a request. */
export const weightsReference = { $ref: '#/components/schemas/Weights' } as const;
