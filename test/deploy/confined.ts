import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DearRequest, Limits } from './dearest-requests.ts';
import { type ConfinedService, startConfined } from './memory-cgroup.ts';

/** What a client got: the status, how many bytes, and the code of a problem. */
type Reply = { readonly status: number; readonly bytes: number; readonly code?: string };

/** The limits of a service. */
export async function limitsOf({ url }: ConfinedService): Promise<Limits> {
  return ((await (await fetch(`${url}/v1/info`)).json()) as { limits: Limits }).limits;
}

/** Sends a request and reads its reply, which must be a whole result or a problem. */
export async function replyTo({ url }: ConfinedService, dear: Omit<DearRequest, 'name'>, body = dear.body()): Promise<Reply> {
  const length: Record<string, number> = dear.isChunked ? {} : { 'content-length': body.length };
  const sent = request(`${url}${dear.path}`, { method: 'POST', agent: false, headers: { ...dear.headers, ...length } });
  const answered = once(sent, 'response');
  // a refusal may come before the body has been read
  sent.on('error', () => {});
  if (dear.isChunked) sent.flushHeaders();
  sent.end(body);
  const [answer] = (await answered) as [IncomingMessage];
  await sleep(dear.readAfter ?? 0);
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

/** As many requests as come at once. */
const atOnce = 32;

/** The status of what is refused for its size. */
const tooLarge = 413;

/** What became of a dear request, in words, and whether it was refused for its size. */
type Outcome = { readonly words: string; readonly isTooLarge: boolean };

/**
 * Sends a dear request to a fresh service of so many bytes of memory, again after ten ordinary ones, and then many at once.
 * @throws where the service did not live, a reply was none, or one that came alone was told to come again
 */
export async function endure(bytes: number, dear: DearRequest): Promise<Outcome> {
  const service = await startConfined(bytes);
  const body = dear.body();
  const words = ({ status, code, bytes }: Reply) => code ?? `${status} of ${Math.ceil(bytes / 2 ** 20)} MiB`;
  try {
    const alone: Reply[] = [];
    const sendAlone = async () => alone.push(await replyTo(service, dear, body));
    await sendAlone();
    for (let count = 0; count < ordinaryRequests; count++) await sendOrdinary(service, count);
    await sendAlone();
    await sendAlone();
    for (const { code } of alone) assert.notEqual(code, 'OVERLOADED', 'there was no room for a request that came alone');
    const together = await Promise.all(Array.from({ length: atOnce }, () => replyTo(service, dear, body)));
    const outcomes = Object.entries(Object.groupBy(together, words)).map(([outcome, replies]) => `${replies?.length} × ${outcome}`);
    assert.equal(service.death(), undefined);
    return {
      words: `${alone.map(words).join(', ')}; ${outcomes.join(', ')}; ${Math.round(service.peak() / 2 ** 20)} MiB at most`,
      isTooLarge: alone[0].status === tooLarge,
    };
  } catch (error) {
    throw new Error(`${dear.name}: ${service.death() ?? (error as Error).message}`, { cause: error });
  } finally {
    await service.end();
  }
}

/** How often the largest request that is not refused is looked for between one that is and one that is not. */
const bisections = 3;

/**
 * The share of the limits up to which a request is not refused for its size by a service of so many bytes of memory, to a sixteenth.
 * @param within the request as it is with a share of the limits
 */
export async function permittedShare(bytes: number, within: (share: number) => DearRequest): Promise<number> {
  const service = await startConfined(bytes);
  const isPermitted = async (share: number) => (await replyTo(service, within(share))).status !== tooLarge;
  try {
    let permitted = 1 / 2;
    while (!(await isPermitted(permitted))) permitted /= 2;
    for (let step = permitted / 2, left = bisections; left > 0; step /= 2, left--) {
      if (await isPermitted(permitted + step)) permitted += step;
    }
    return permitted;
  } catch (error) {
    throw new Error(service.death() ?? (error as Error).message, { cause: error });
  } finally {
    await service.end();
  }
}

const ordinaryRequests = 10;

const ordinaryRow = Array.from({ length: 100 }, (_, k) => Math.sin(k) * 10);

/** Sends a request as most are: some thousand numbers as JSON, or some hundred thousand. */
async function sendOrdinary(service: ConfinedService, count: number): Promise<void> {
  const rows = count % 2 === 0 ? 100 : 2_000;
  const tensors = { input: Array(rows).fill(ordinaryRow), target: Array(rows).fill(ordinaryRow.toReversed()) };
  const body = Buffer.from(JSON.stringify({ ...tensors, reduction: 'all' }));
  const headers = { 'content-type': 'application/json' };
  const { status, code } = await replyTo(service, { path: '/v1/kl-divergence', headers, body: () => body });
  assert.equal(status, 200, `an ordinary request was refused: ${code}`);
}
