import { z } from 'zod';

export const jsonNumber = z.union([z.number(), z.enum(['Infinity', '-Infinity', 'NaN'])]).meta({
  id: 'JsonNumber',
  description: 'A number. The non-finite ones, for which JSON has no literals, are strings.',
});

type Nested = (z.infer<typeof jsonNumber> | Nested)[];

const nestedTensor: z.ZodType<Nested> = z.array(z.union([jsonNumber, z.lazy(() => nestedTensor)])).meta({
  id: 'NestedTensor',
  description: 'Lists nested to any depth up to 32, all of one depth of one length. `array.tolist()` in NumPy and PyTorch.',
});

const shape = z.array(z.int().min(0)).meta({ description: 'The size along each axis; [] for a single number.' });

const flatTensor = z.strictObject({ shape, data: z.array(jsonNumber).meta({ description: 'All elements, row-major.' }) }).meta({
  id: 'FlatTensor',
  description: 'A shape and a flat list. `{"shape": array.shape, "data": array.ravel().tolist()}` in NumPy.',
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
      'A shape and bytes, the most compact form. `base64.b64encode(np.ascontiguousarray(array, "<f8").tobytes()).decode()` makes them, ' +
      '`np.frombuffer(base64.b64decode(text)).reshape(shape)` reads them.',
  });

/** A tensor of an answer. Answers are validated by it in tests; requests never are. */
export const tensor = z.union([jsonNumber, nestedTensor, flatTensor, base64Tensor]).meta({
  id: 'Tensor',
  description:
    'Nested lists, a shape with a flat list, or a shape with base64 bytes. In answers a tensor without axes is a plain number in the nested form.',
});

/**
 * A tensor of a request. Opaque here: zod would walk every element, and could only say "Invalid input".
 * What it must be is documented by `tensor`, and checked with a pointer at each element by tensor/decode.ts.
 */
export const opaqueTensor = z.custom<unknown>((value) => value !== undefined, 'expected a tensor, got nothing');

/** How the document shows `opaqueTensor`. */
export const tensorReference = { $ref: '#/components/schemas/Tensor' } as const;
