import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { getInfo, hasKey, post, Refusal, useKey } from '../../../src/explorer/service/client.ts';
import { writeSafetensors } from '../../../src/formats/safetensors/write.ts';

type Answer = { readonly status: number; readonly type: string; readonly body: Uint8Array; readonly retryAfter?: string } | 'unreachable';

const json = (status: number, value: unknown, retryAfter?: string): Answer => ({
  status,
  type: 'application/json',
  body: new TextEncoder().encode(JSON.stringify(value)),
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

/** Has a stand-in for the XMLHttpRequest of browsers answer one request after another, and returns what was sent. */
function answering(t: TestContext, ...answers: readonly Answer[]): string[] {
  const sent: string[] = [];
  class Exchange extends EventTarget {
    readonly upload = new EventTarget();
    readonly #headers: string[] = [];
    #line = '';
    status = 0;
    response: ArrayBufferLike | undefined;
    #answer: Answer = 'unreachable';

    open(method: string, path: string): void {
      this.#line = `${method} ${path}`;
    }
    setRequestHeader(name: string, value: string): void {
      this.#headers.push(`${name}: ${value}`);
    }
    getResponseHeader(name: string): string | null {
      const { type, retryAfter = null } = this.#answer as Exclude<Answer, 'unreachable'>;
      return name === 'Content-Type' ? type : retryAfter;
    }
    abort(): void {}
    send(): void {
      this.#answer = answers[sent.length];
      sent.push([this.#line, ...this.#headers].join(', '));
      const progress = (loaded: number) => Object.assign(new Event('progress'), { lengthComputable: true, loaded, total: 10 });
      this.upload.dispatchEvent(progress(10));
      if (this.#answer === 'unreachable') {
        this.dispatchEvent(new Event('error'));
        return;
      }
      this.status = this.#answer.status;
      this.response = Uint8Array.from(this.#answer.body).buffer;
      this.dispatchEvent(progress(10));
      this.dispatchEvent(new Event('load'));
    }
  }
  const global = globalThis as { XMLHttpRequest?: unknown };
  global.XMLHttpRequest = Exchange;
  t.after(() => {
    delete global.XMLHttpRequest;
  });
  return sent;
}

const sending = (body: string | Blob) => ({ body, signal: new AbortController().signal });

test('JSON is sent as JSON and bytes as safetensors, with the key that was entered, and tensors come back among the results', async (t) => {
  const bytes = Buffer.concat(
    writeSafetensors({ none: { shape: [2], data: Float64Array.of(1, 2) } }, { results: '{"sum":3}', dim: '[0]' }),
  );
  const binary = { status: 200, type: 'application/vnd.safetensors', body: bytes };
  const sent = answering(t, json(200, { name: 'kl' }), json(200, { results: {} }), binary);
  useKey('secret');
  t.after(() => useKey(''));
  assert.ok(hasKey());
  assert.deepEqual(await getInfo(), { name: 'kl' });
  const shares: number[] = [];
  await post('/v1/kl-divergence', { ...sending('{}'), onProgress: (share) => shares.push(share) });
  assert.deepEqual(shares, [0.5, 1]);
  const answer = await post<{ results: { sum: number; none: { shape: number[]; data: ArrayLike<number> } }; dim: number[] }>(
    '/x',
    sending(new Blob([new Uint8Array(1)])),
  );
  assert.deepEqual(
    [answer.results.sum, answer.results.none.shape, [...Array.from(answer.results.none.data)], answer.dim],
    [3, [2], [1, 2], [0]],
  );
  assert.deepEqual(sent, [
    'GET /v1/info, X-API-Key: secret',
    'POST /v1/kl-divergence, X-API-Key: secret, Content-Type: application/json',
    'POST /x, X-API-Key: secret, Content-Type: application/vnd.safetensors, Accept: application/vnd.safetensors',
  ]);
});

test('a service without room is asked again when it says; other refusals, and no answer, are told', async (t) => {
  const full = json(503, { status: 503, detail: 'full' }, '0');
  const sent = answering(
    t,
    full,
    json(200, { results: {} }),
    json(422, { status: 422, detail: 'wrong' }),
    'unreachable',
    full,
    full,
    full,
    full,
    full,
  );
  await post('/x', sending('{}'));
  assert.equal(sent.length, 2);
  await assert.rejects(post('/x', sending('{}')), (error) => error instanceof Refusal && error.problem.status === 422);
  await assert.rejects(post('/x', sending('{}')), (error) => error instanceof Refusal && error.problem.code === 'UNREACHABLE');
  await assert.rejects(post('/x', sending('{}')), /full/);
  assert.equal(sent.length, 9);
});
