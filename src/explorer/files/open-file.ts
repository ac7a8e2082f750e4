import type { ByteTensor } from '../tensors/dtype.ts';
import { readNpy, UnknownDtype } from './npy.ts';
import { readSafetensors } from './safetensors.ts';
import { unzip } from './zip.ts';

/** What a file holds: text for an editor, or tensors by their names. */
type FileContent =
  | { readonly text: string; readonly tensors?: undefined }
  | { readonly tensors: ReadonlyMap<string, ByteTensor>; readonly text?: undefined };

type Read = (bytes: Uint8Array, name: string) => FileContent | Promise<FileContent>;

const asText: Read = (bytes) => ({ text: new TextDecoder().decode(bytes) });

const readers: Readonly<Record<string, Read>> = {
  npy: (bytes, name) => ({ tensors: new Map([[name, readNpy(bytes)]]) }),
  npz: async (bytes) => {
    const files = await unzip(bytes);
    const tensors = [...files].flatMap(([file, content]) => {
      const tensor = readIfNumbers(content);
      return tensor === undefined ? [] : [[file.replace(/\.npy$/, ''), tensor] as const];
    });
    return { tensors: new Map(tensors) };
  },
  safetensors: (bytes) => ({ tensors: readSafetensors(bytes).tensors }),
  json: asText,
  csv: asText,
  tsv: asText,
  txt: asText,
};

/** Labels and the like may lie beside the numbers. */
function readIfNumbers(bytes: Uint8Array): ByteTensor | undefined {
  try {
    return readNpy(bytes);
  } catch (error) {
    if (error instanceof UnknownDtype) return undefined;
    throw error;
  }
}

/** The endings of files that can be opened. */
export const fileEndings = Object.keys(readers).map((ending) => `.${ending}`);

/** Returns the content of a file by the ending of its name. @throws Error that names the file and what is wrong with it */
export async function openFile(file: File): Promise<FileContent> {
  const read = readers[file.name.slice(file.name.lastIndexOf('.') + 1).toLowerCase()];
  if (read === undefined) throw new Error(`${file.name}: this page opens ${fileEndings.join(', ')}`);
  try {
    const content = await read(new Uint8Array(await file.arrayBuffer()), file.name);
    if (content.tensors?.size === 0) throw new Error('it has no tensor of numbers');
    return content;
  } catch (error) {
    throw new Error(`${file.name} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}
