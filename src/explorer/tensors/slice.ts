import { type ByteTensor, dtypes } from './dtype.ts';
import { sizeOf, stridesOf } from './tensor.ts';

/** The part of an axis that is taken; an axis of which one place is taken goes away. */
type Range = { readonly begin: number; readonly end: number; readonly stays: boolean };

/**
 * Returns a part of a tensor in the notation of NumPy: `0, 10:20, :`. Axes that are not named are taken whole.
 * @throws Error that says which part is wrong
 */
export function slice(tensor: ByteTensor, text: string): ByteTensor {
  const parts = text.replace(/^\s*\[|\]\s*$/g, '').split(',');
  if (text.trim() === '') return tensor;
  if (parts.length > tensor.shape.length) throw new Error(`the slice names ${parts.length} axes, the tensor has ${tensor.shape.length}`);
  const ranges = tensor.shape.map((length, axis) => rangeOf(parts[axis]?.trim() ?? ':', length, axis));
  return {
    dtype: tensor.dtype,
    shape: ranges.filter(({ stays }) => stays).map(({ begin, end }) => end - begin),
    bytes: taken(tensor, ranges),
  };
}

function rangeOf(text: string, length: number, axis: number): Range {
  const [, first, colon, last] = /^(-?\d+)?(:)?(-?\d+)?$/.exec(text) ?? [];
  const fromStart = (place: string) => (Number(place) < 0 ? Number(place) + length : Number(place));
  if (colon === undefined) {
    const place = first === undefined ? Number.NaN : fromStart(first);
    if (!(place >= 0 && place < length))
      throw new Error(`axis ${axis}: expected a place from 0 to ${length - 1} or a range such as 0:${length}`);
    return { begin: place, end: place + 1, stays: false };
  }
  const begin = Math.max(0, first === undefined ? 0 : fromStart(first));
  const end = Math.min(length, last === undefined ? length : fromStart(last));
  if (begin >= end) throw new Error(`axis ${axis}: the range ${text} is empty, of ${length}`);
  return { begin, end, stays: true };
}

function taken({ dtype, shape, bytes }: ByteTensor, ranges: readonly Range[]): Uint8Array {
  const { size } = dtypes[dtype];
  const steps = stridesOf(shape).map((stride) => stride * size);
  // from this axis on the parts lie one behind the other
  const whole = ranges.findLastIndex(({ begin, end }, axis) => end - begin < shape[axis]);
  const run = whole === -1 ? bytes.byteLength : (ranges[whole].end - ranges[whole].begin) * steps[whole];
  const result = new Uint8Array(size * sizeOf(ranges.map(({ begin, end }) => end - begin)));
  let at = 0;
  const copy = (axis: number, from: number): void => {
    if (axis >= whole) {
      const start = from + (whole === -1 ? 0 : ranges[whole].begin * steps[whole]);
      result.set(bytes.subarray(start, start + run), at);
      at += run;
      return;
    }
    for (let place = ranges[axis].begin; place < ranges[axis].end; place++) copy(axis + 1, from + place * steps[axis]);
  };
  copy(0, 0);
  return result;
}
