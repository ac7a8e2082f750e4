/** Lists nested by shape, from row-major values; for a scalar shape the value itself. */
export type Nested<T> = T | Nested<T>[];

export function nest<T>(values: readonly T[], shape: readonly number[]): Nested<T> {
  let level: readonly Nested<T>[] = values;
  for (let axis = shape.length - 1; axis > 0; axis--) level = rows(level, shape[axis]);
  return shape.length === 0 ? level[0] : (level as Nested<T>[]);
}

function rows<T>(items: readonly Nested<T>[], size: number): Nested<T>[] {
  const result: Nested<T>[] = [];
  for (let start = 0; start < items.length; start += size) result.push(items.slice(start, start + size));
  return result;
}

/** float64 little-endian row-major bytes as base64: `np.frombuffer(base64.b64decode(text)).reshape(shape)`. */
export function toBase64(data: Float64Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}
