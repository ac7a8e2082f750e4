import { sameShape } from '../tensor/tensor.ts';
import { inParallel } from './in-parallel.ts';
import { fileInIndex } from './index-file.ts';
import { describeNpy, isNpy } from './npy.ts';
import { describeParquet, isParquet } from './parquet.ts';
import { describeSafetensors } from './safetensors.ts';
import type { Access } from './source.ts';
import { notReadable, SourceFault } from './source-fault.ts';
import type { Sources } from './sources.ts';
import type { Describe, StoredOperand, StoredTensor, TensorPart } from './stored-tensor.ts';

/** A format, told by how a file begins, and what its files have several of. */
type Format = { readonly is: (begin: Uint8Array) => boolean; readonly describe: Describe; readonly has?: 'tensor' | 'column' };

// what begins otherwise is safetensors, which begins with a length
const formats: readonly Format[] = [
  { is: isNpy, describe: describeNpy },
  { is: isParquet, describe: describeParquet, has: 'column' },
  { is: () => true, describe: describeSafetensors, has: 'tensor' },
];

/** How many sources of an operand are opened at the same time. */
const mostAtOnce = 8;

/**
 * Opens the sources of an operand and returns the tensor in them, with all that is needed to read its rows later. Several sources are joined
 * along the leading axis.
 * @throws SourceFault as `open` does, SOURCE_NOT_READABLE, or a code of shapes; its `place` says which part of the operand
 */
export async function describeTensor(sources: Sources, operand: StoredOperand, access: Access): Promise<StoredTensor> {
  const { uri } = operand;
  if (typeof uri === 'string') return joined([await located('/uri', () => describeOne(sources, uri, operand, access))]);
  return joined(await inParallel(uri, mostAtOnce, (one, at) => located(`/uri/${at}`, () => describeOne(sources, one, operand, access))));
}

type Part = Omit<StoredTensor, 'parts'> & { readonly part: TensorPart };

async function describeOne(sources: Sources, uri: string, operand: StoredOperand, access: Access): Promise<Part> {
  return uri.endsWith('.index.json')
    ? describeFile(sources, await fileInIndex(sources, uri, operand, access), operand, access)
    : describeFile(sources, uri, operand, access);
}

async function describeFile(sources: Sources, uri: string, operand: StoredOperand, access: Access): Promise<Part> {
  const source = await sources.open(uri, access);
  try {
    const begin = new Uint8Array(Math.min(8, source.size));
    await source.read(0, begin, access.signal);
    const { describe, has } = formats.find(({ is }) => is(begin)) as Format;
    for (const name of ['tensor', 'column'] as const) {
      if (operand[name] === undefined || has === name) continue;
      throw new SourceFault('SOURCE_NOT_READABLE', `files of this format have no ${name}s by name: leave ${name} out`, {
        place: `/${name}`,
      });
    }
    const { dtype, shape, place } = await describe(source, operand, access);
    return { dtype, shape, part: { uri, pin: source.pin, rows: shape[0], ...place } };
  } finally {
    await source.close();
  }
}

/** @throws SourceFault SHAPE_MISMATCH, SOURCE_NOT_READABLE */
function joined(tensors: readonly Part[]): StoredTensor {
  const [{ dtype, shape }] = tensors;
  for (const [index, other] of tensors.entries()) {
    const place = `/uri/${index}`;
    if (other.dtype !== dtype) throw notReadable(`the tensor is ${other.dtype} here and ${dtype} in the first source`).at(place);
    if (sameShape(other.shape.slice(1), shape.slice(1))) continue;
    const shapes = `the tensor has the shape [${other.shape.join(', ')}] here and [${shape.join(', ')}] in the first source`;
    throw new SourceFault('SHAPE_MISMATCH', `${shapes}: only the leading axis may differ`, { place });
  }
  const rows = tensors.reduce((sum, one) => sum + one.shape[0], 0);
  return { dtype, shape: [rows, ...shape.slice(1)], parts: tensors.map(({ part }) => part) };
}

/** Adds to faults of a step which part of the operand they are about, where they do not say it themselves. */
async function located<T>(place: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof SourceFault && error.place === '' ? error.at(place) : error;
  }
}
