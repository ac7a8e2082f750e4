/**
 * Takes a step for each of some values, up to `most` at the same time, and returns the results in order. Of several that fail, the first in
 * order is thrown; after a failure no further step begins.
 */
export async function inParallel<Value, Result>(
  values: readonly Value[],
  most: number,
  step: (value: Value, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: { readonly index: number; readonly error: unknown }[] = [];
  const left = values.entries();
  const run = async () => {
    for (const [index, value] of left) {
      try {
        results[index] = await step(value, index);
      } catch (error) {
        failures.push({ index, error });
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: most }, run));
  if (failures.length > 0) throw failures.reduce((first, other) => (other.index < first.index ? other : first)).error;
  return results;
}

/** What is larger is read and parsed by one step at a time. */
const largeBytes = 2 ** 20;

let last: Promise<unknown> = Promise.resolve();

/**
 * Takes a step that reads and parses so many bytes: large ones take several times their size in memory, so one begins when the one before
 * it has ended. Small ones begin at once.
 */
export function inTurn<T>(bytes: number, step: () => Promise<T>): Promise<T> {
  if (bytes <= largeBytes) return step();
  const own = last.then(step);
  last = own.catch(() => {});
  return own;
}
