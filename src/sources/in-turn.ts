/** What is larger is read and parsed by one step at a time. */
const largeBytes = 2 ** 20;

let last: Promise<unknown> = Promise.resolve();

/**
 * Takes a step that reads and parses so many bytes: large ones take several times their size in memory, so one begins when the one before it
 * has ended. Small ones begin at once.
 */
export function inTurn<T>(bytes: number, step: () => Promise<T>): Promise<T> {
  if (bytes <= largeBytes) return step();
  const own = last.then(step);
  last = own.catch(() => {});
  return own;
}
