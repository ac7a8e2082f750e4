import type { ServerResponse } from 'node:http';

/** Calls back when an answer is over or its client gone, at once where it is so already: then `close` comes no more. */
export function onceClosed(response: ServerResponse, callback: () => void): void {
  if (response.closed) callback();
  else response.once('close', callback);
}
