import { inTurn } from './in-parallel.ts';
import { longestHeader } from './safetensors.ts';
import type { Access } from './source.ts';
import { notReadable, SourceFault } from './source-fault.ts';
import type { Sources } from './sources.ts';
import type { StoredOperand } from './stored-tensor.ts';

/** Finds the URI of the file that holds a tensor. @throws SourceFault SOURCE_NOT_READABLE */
type FindFile = (operand: StoredOperand) => string;

/**
 * Reads a `model.safetensors.index.json`: its `weight_map` names files beside it.
 * @throws SourceFault as `open` does, SOURCE_NOT_READABLE
 */
export async function readIndex(sources: Sources, uri: string, access: Access): Promise<FindFile> {
  const files = await readWeightMap(sources, uri, access);
  return ({ tensor }) => fileOf(tensor, files, uri);
}

function fileOf(tensor: string | undefined, files: Readonly<Record<string, unknown>>, uri: string): string {
  const hasIt = tensor !== undefined && Object.hasOwn(files, tensor);
  if (!hasIt) {
    const what = tensor === undefined ? 'says where several tensors are: say which one with tensor' : 'has no tensor of this name';
    throw new SourceFault('SOURCE_NOT_READABLE', `the index ${what}`, { place: '/tensor' });
  }
  const file = files[tensor];
  // a name that leads elsewhere would be looked up by its prefix too, but is not what the format means
  if (typeof file !== 'string' || !/^[^/\\]+$/.test(file)) throw notReadable('the index names no file beside itself for the tensor');
  return uri.slice(0, uri.lastIndexOf('/') + 1) + encodeURIComponent(file);
}

async function readWeightMap(sources: Sources, uri: string, access: Access): Promise<Readonly<Record<string, unknown>>> {
  const source = await sources.open(uri, access);
  try {
    if (source.size > longestHeader) throw notReadable(`the index has ${source.size} bytes; at most ${longestHeader} are read`);
    return await inTurn(source.size, async () => {
      const bytes = new Uint8Array(source.size);
      await source.read(0, bytes, access.signal);
      return weightMap(new TextDecoder().decode(bytes));
    });
  } finally {
    await source.close();
  }
}

function weightMap(text: string): Readonly<Record<string, unknown>> {
  try {
    const { weight_map: map } = JSON.parse(text);
    if (typeof map === 'object' && map !== null) return map;
  } catch {
    // a message of the parser would quote the file
  }
  throw notReadable('the index is no JSON object with a weight_map');
}
