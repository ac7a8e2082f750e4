import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A POST, whose length is not said where it is `chunked`, and whose answer waits for a while before it is read. */
export type Sent = {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly isChunked?: boolean;
  readonly readAfter?: number;
};

const key = process.env.API_KEY;
const authorization = key === undefined ? {} : { Authorization: `Bearer ${key}` };

/** What becomes of a request, with the key in API_KEY where there is one: the status of its answer, read whole, or why there was none. */
export async function send(url: string, { body, headers, isChunked = false, readAfter = 0 }: Sent) {
  try {
    const length: Record<string, string | number> = isChunked ? {} : { 'Content-Length': body.length };
    const sent = request(url, { method: 'POST', agent: false, headers: { ...authorization, ...headers, ...length } });
    const answered = once(sent, 'response');
    // a refusal may come before the body has been read
    sent.on('error', () => {});
    if (isChunked) sent.flushHeaders();
    sent.end(body);
    const [answer] = (await answered) as [IncomingMessage];
    await sleep(readAfter);
    for await (const _ of answer);
    sent.destroy();
    return { outcome: String(answer.statusCode), retryAfter: Number(answer.headers['retry-after'] ?? 1) };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { outcome: code ?? message, retryAfter: 1 };
  }
}
