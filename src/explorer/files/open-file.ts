import type { ByteTensor } from '../tensors/dtype.ts';
import { readNpy } from './npy.ts';
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
    return { tensors: new Map([...files].map(([file, content]) => [file.replace(/\.npy$/, ''), readNpy(content)])) };
  },
  safetensors: (bytes) => ({ tensors: readSafetensors(bytes).tensors }),
  json: asText,
  csv: asText,
  tsv: asText,
  txt: asText,
};

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
