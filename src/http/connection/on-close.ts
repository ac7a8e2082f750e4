import type { ServerResponse } from 'node:http';

/** Calls back when an answer ends or its client disconnects. If it is closed already, calls back at once: `close` does not come again. */
export function onceClosed(response: ServerResponse, callback: () => void): void {
  if (response.closed) callback();
  else response.once('close', callback);
}
