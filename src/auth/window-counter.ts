/** What a client has spent in its window, in elements, and the ms until the next one begins. */
export type Count = {
  readonly spent: number;
  readonly msLeft: number;
  /** Takes elements off the count again, if its window still lasts. */
  readonly giveBack: (elements: number) => void;
};

/** Adds elements to the count of a client. */
export type Counter = (client: string, elements: number) => Promise<Count>;

/** The window of one client; `ends` in ms on a clock that cannot be set. */
type Window = { spent: number; readonly ends: number };

/** Returns a counter for this process. A client's window begins with its first request. @param windowMs the length of a window */
export function createWindowCounter(windowMs: number, clock: () => number = () => performance.now()): Counter {
  // in the order of their ends, since all windows have one length
  const windows = new Map<string, Window>();

  function windowOf(client: string, time: number): Window {
    for (const [name, { ends }] of windows) {
      if (ends > time) break;
      windows.delete(name);
    }
    const window = windows.get(client) ?? { spent: 0, ends: time + windowMs };
    windows.set(client, window);
    return window;
  }

  return async (client, elements) => {
    const time = clock();
    const window = windowOf(client, time);
    window.spent += elements;
    return {
      spent: window.spent,
      msLeft: window.ends - time,
      giveBack: (some) => {
        window.spent -= some;
      },
    };
  };
}
