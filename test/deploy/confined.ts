import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { DearRequest, Limits } from './dearest-requests.ts';
import type { ConfinedService } from './memory-cgroup.ts';

/** What a client got: the status, how many bytes, and the code of a problem. */
export type Reply = { readonly status: number; readonly bytes: number; readonly code?: string };

/** The limits of a service. */
export async function limitsOf({ url }: ConfinedService): Promise<Limits> {
  return ((await (await fetch(`${url}/v1/info`)).json()) as { limits: Limits }).limits;
}

/** Sends a request and reads its reply, which must be a whole result or a problem. */
export async function replyTo({ url }: ConfinedService, { path, headers }: DearRequest, body: Uint8Array): Promise<Reply> {
  const sent = request(`${url}${path}`, { method: 'POST', agent: false, headers: { ...headers, 'content-length': body.length } });
  const answered = once(sent, 'response');
  // a refusal may come before the body has been read
  sent.on('error', () => {});
  sent.end(body);
  const [answer] = (await answered) as [IncomingMessage];
  const status = answer.statusCode ?? 0;
  let bytes = 0;
  const kept: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (status !== 200) kept.push(chunk);
  }
  assert.ok(answer.complete, 'the reply was cut off');
  sent.destroy();
  if (status === 200) return { status, bytes };
  const problem = JSON.parse(Buffer.concat(kept).toString());
  assert.equal(typeof problem.code, 'string', 'the reply is neither a result nor a problem');
  return { status, bytes, code: problem.code };
}

const ordinaryRow = Array.from({ length: 100 }, (_, k) => Math.sin(k) * 10);

/** Requests as most are: some thousand numbers as JSON, and megabytes of them. */
export async function sendOrdinary(service: ConfinedService, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    const rows = sent % 2 === 0 ? 100 : 2_000;
    const text = JSON.stringify({
      input: Array(rows).fill(ordinaryRow),
      target: Array(rows).fill(ordinaryRow.toReversed()),
      reduction: 'all',
    });
    const request = {
      name: 'ordinary',
      path: '/v1/kl-divergence',
      headers: { 'content-type': 'application/json' },
      body: () => Buffer.from(text),
    };
    const { status, code } = await replyTo(service, request, request.body());
    assert.equal(status, 200, `an ordinary request was refused: ${code}`);
  }
}
