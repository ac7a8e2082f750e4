import { bothSides, readLayout, tensorsOf } from '../../../src/formats/safetensors/read-tensors.ts';

/** All tensors of a body, by their names. */
export function readSafetensors(bytes: Uint8Array, maxElements: number, expected = bothSides) {
  return tensorsOf(readLayout(bytes, maxElements, expected));
}
