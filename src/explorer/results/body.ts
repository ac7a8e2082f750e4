import { writeSafetensors } from '../files/safetensors.ts';
import { plainText } from '../state/options.ts';
import { bodyOf, jsonOf } from '../state/request.ts';
import { type Attached, type SideName, type State, sideNames } from '../state/state.ts';
import { asSent, type ByteTensor, dtypes } from '../tensors/dtype.ts';
import { slice } from '../tensors/slice.ts';
import { fromJson } from '../tensors/tensor.ts';

/** A request: JSON with everything in it, or bytes of safetensors with the options in the query. */
export type Body = { readonly query: string; readonly body: string | Blob };

/** Returns the request of a state: bytes as soon as one side is a file's. @throws Error where a side is no tensor of numbers */
export function bodyFor(state: State, fields: Readonly<Record<string, unknown>>): Body {
  if (Object.keys(state.attached).length === 0) return { query: '', body: bodyOf(state, fields) };
  const query = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, plainText(value)]));
  const body = bytesOfRequest.get(state) ?? blobOf(state);
  bytesOfRequest.set(state, body);
  return { query: `?${query}`, body };
}

/** The bodies that were made: each is sent more than once, and making one takes longer than all else before it is sent. */
const bytesOfRequest = new WeakMap<State, Blob>();

/** The browser sends a blob from where it keeps it; an array it would copy first, and the page would wait for that. */
function blobOf(state: State): Blob {
  const sides = Object.fromEntries(sideNames.map((name) => [name, asSent(bytesOf(name, state))]));
  const weights = state.texts.weights.trim() === '' ? {} : { weights: fromText('weights', state.texts.weights) };
  return new Blob(writeSafetensors({ ...sides, ...weights }));
}

/** Returns the tensor that is chosen of a file, cut as its slice says. @throws Error where the slice is wrong */
export function chosenPart({ tensors, chosen, slice: text }: Attached): ByteTensor {
  const tensor = tensors.get(chosen);
  if (tensor === undefined) throw new Error(`there is no tensor ${chosen}`);
  return slice(tensor, text);
}

/** Returns the number of a side at each of some positions, or undefined where it is something else than one tensor. */
export function numbersAt(name: SideName, positions: readonly number[], state: State): number[] | undefined {
  try {
    const { dtype, bytes } = bytesOf(name, state);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { size, read } = dtypes[dtype];
    return positions.map((position) => read(view, position * size));
  } catch {
    return undefined;
  }
}

function bytesOf(name: SideName, { attached, texts }: State): ByteTensor {
  const file = attached[name];
  return file === undefined ? fromText(name, texts[name]) : chosenPart(file);
}

function fromText(name: string, text: string): ByteTensor {
  try {
    const { shape, data } = fromJson(JSON.parse(jsonOf(text)));
    return { dtype: 'F64', shape, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  } catch (error) {
    throw new Error(
      `${name}: the other side is a file, so this one must be numbers too: ${error instanceof Error ? error.message : error}`,
    );
  }
}
