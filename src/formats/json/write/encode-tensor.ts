/** Lists nested by shape; for a scalar shape the value itself. */
export type Nested<T> = T | Nested<T>[];

/** Row-major numbers as nested lists of what each becomes. */
export function nest<T>(data: Float64Array, shape: readonly number[], become: (value: number) => T): Nested<T> {
  if (shape.length === 0) return become(data[0]);
  let level: Nested<T>[] = listsOf(data, shape[shape.length - 1], become);
  for (let axis = shape.length - 2; axis > 0; axis--) level = grouped(level, shape[axis]);
  return shape.length === 1 ? level[0] : level;
}

function listsOf<T>(data: Float64Array, size: number, become: (value: number) => T): T[][] {
  const lists: T[][] = [];
  for (let start = 0; start < data.length; start += size) {
    // pushed one by one, finite numbers stay doubles in memory; Array.from would box each
    const list: T[] = [];
    for (let k = start; k < start + size; k++) list.push(become(data[k]));
    lists.push(list);
  }
  return lists;
}

function grouped<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let start = 0; start < items.length; start += size) groups.push(items.slice(start, start + size));
  return groups;
}

/** float64 little-endian row-major bytes as base64: `np.frombuffer(base64.b64decode(text)).reshape(shape)`. */
export function toBase64(data: Float64Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}
