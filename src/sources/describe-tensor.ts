import { sameShape } from '../tensor/tensor.ts';
import { inParallel } from './in-parallel.ts';
import { readIndex } from './index-file.ts';
import { isNpy, readNpy } from './npy.ts';
import { isParquet, readParquet } from './parquet.ts';
import { readSafetensors } from './safetensors.ts';
import type { Access, Pin } from './source.ts';
import { notReadable, SourceFault } from './source-fault.ts';
import type { Sources } from './sources.ts';
import type { FindTensor, ReadHeader, StoredOperand, StoredTensor, TensorPart } from './stored-tensor.ts';

/** A format, told by how a file begins, and what its files have several of. */
type Format = { readonly is: (begin: Uint8Array) => boolean; readonly readHeader: ReadHeader; readonly has?: 'tensor' | 'column' };

// what begins otherwise is safetensors, which begins with a length
const formats: readonly Format[] = [
  { is: isNpy, readHeader: readNpy },
  { is: isParquet, readHeader: readParquet, has: 'column' },
  { is: () => true, readHeader: readSafetensors, has: 'tensor' },
];

/** How many sources of an operand are opened at the same time. */
const mostAtOnce = 8;

/** Returns the tensor that an operand names, with all that is needed to read its rows later. */
export type DescribeTensor = (operand: StoredOperand) => Promise<StoredTensor>;

/**
 * Describes tensors for one request. A file that several operands name is read once: of thousands of tensors in it, each operand would
 * otherwise read all of their names.
 * @throws SourceFault as `open` does, SOURCE_NOT_READABLE, or a code of shapes; its `place` says which part of the operand
 */
export function tensorDescriber(sources: Sources, access: Access): DescribeTensor {
  const header = remembered((uri) => readFile(sources, uri, access));
  const index = remembered((uri) => readIndex(sources, uri, access));

  async function describeOne(uri: string, operand: StoredOperand): Promise<Part> {
    const file = uri.endsWith('.index.json') ? (await index(uri))(operand) : uri;
    return (await header(file))(operand);
  }

  return async (operand) => {
    const { uri } = operand;
    if (typeof uri === 'string') return joined([await located('/uri', () => describeOne(uri, operand))]);
    return joined(await inParallel(uri, mostAtOnce, (one, at) => located(`/uri/${at}`, () => describeOne(one, operand))));
  };
}

/** So many headers are remembered, each of which may take a hundred MB: those of both sides and their weights. */
const mostRemembered = 4;

/** Remembers what was read of the last few URIs. */
function remembered<T>(read: (uri: string) => Promise<T>): (uri: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (uri) => {
    const found = known.get(uri) ?? read(uri);
    known.delete(uri);
    known.set(uri, found);
    for (const oldest of known.keys()) if (known.size > mostRemembered) known.delete(oldest);
    return found;
  };
}

type Part = Omit<StoredTensor, 'parts'> & { readonly part: TensorPart };

async function readFile(sources: Sources, uri: string, access: Access): Promise<(operand: StoredOperand) => Part> {
  const source = await sources.open(uri, access);
  try {
    const begin = new Uint8Array(Math.min(8, source.size));
    await source.read(0, begin, access.signal);
    const { readHeader, has } = formats.find(({ is }) => is(begin)) as Format;
    const find = await readHeader(source, access);
    return (operand) => partOf({ uri, pin: source.pin, has, find }, operand);
  } finally {
    await source.close();
  }
}

type File = { readonly uri: string; readonly pin: Pin; readonly has: Format['has']; readonly find: FindTensor };

function partOf({ uri, pin, has, find }: File, operand: StoredOperand): Part {
  for (const name of ['tensor', 'column'] as const) {
    if (operand[name] === undefined || has === name) continue;
    throw new SourceFault('SOURCE_NOT_READABLE', `files of this format have no ${name}s by name: leave ${name} out`, {
      place: `/${name}`,
    });
  }
  const { dtype, shape, place } = find(operand);
  return { dtype, shape, part: { uri, pin, rows: shape[0], ...place } };
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
