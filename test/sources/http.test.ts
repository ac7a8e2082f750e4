import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { type TestContext, test } from 'node:test';
import { isPinned } from '../../src/sources/source.ts';
import type { SourceLimits } from '../../src/sources/source-settings.ts';
import { access, faultOf, newSources, refusal } from './helper.ts';
import { lying, range, rangeOf, stored } from './lying-server.ts';

const signal = access.signal;
const honest: RequestListener = ({ headers }, response) => range(response, rangeOf(headers.range));

/** A server that is honest to the first request, which opens a source, and then does as it is told, in turn; the last is repeated. */
const afterOpening = (...turns: RequestListener[]): RequestListener => {
  let count = 0;
  return (request, response) => {
    const turn = count === 0 ? honest : turns[Math.min(count, turns.length) - 1];
    count++;
    turn(request, response);
  };
};

/** The fault of a read from a source that was opened before. */
async function faultOfRead(t: TestContext, turn: RequestListener, limits: Partial<SourceLimits> = {}) {
  const { sources, uri, requests } = await lying(t, turn, limits);
  const source = await sources.open(uri, { ...access, pin: { size: 40_000, etag: '"1"' } });
  const fault = await faultOf(source.read(10, new Uint8Array(30_000), signal));
  return { fault, said: `${fault.code}: ${fault.message}`, tries: requests.length };
}

const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(code, headers).end('the secret of the server');

test('a range is read as it was asked for: uncompressed, of the object that was opened', async (t) => {
  const { sources, uri, requests } = await lying(t, honest);
  const source = await sources.open(uri, access);
  assert.deepEqual(source.pin, { size: 40_000, etag: '"1"' });
  const into = new Uint8Array(1000);
  await source.read(500, into, signal);
  assert.deepEqual(into, stored.slice(500, 1500));
  const [{ range: first }, { range: second, 'if-match': condition, 'accept-encoding': coding }] = requests;
  assert.deepEqual([first, second, condition, coding], ['bytes=0-0', 'bytes=500-1499', '"1"', 'identity']);
});

test('a source that is opened with its pin is not asked for until it is read', async (t) => {
  const { sources, uri, requests } = await lying(t, honest);
  const { pin } = await sources.open(uri, access);
  const again = await sources.open(uri, { ...access, pin });
  assert.equal(requests.length, 1);
  await again.read(0, new Uint8Array(2), signal);
  assert.equal(requests.length, 2);
});

test('without an ETag the size and the date are the pin, and the source passes for not pinned; a weak ETag is no condition', async (t) => {
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
  for (const etag of ['', 'W/"1"']) {
    const { sources, uri, requests } = await lying(t, ({ headers }, response) =>
      range(response, rangeOf(headers.range), { etag, headers: { 'last-modified': date } }),
    );
    const source = await sources.open(uri, access);
    assert.deepEqual(source.pin, { size: 40_000, ...(etag === '' ? {} : { etag }), lastModified: date });
    assert.equal(isPinned(source.pin), false);
    await source.read(0, new Uint8Array(2), signal);
    assert.equal(requests[1]['if-match'], undefined);
  }
  assert.equal(isPinned({ size: 1, etag: '"1"' }), true);
});

for (const [title, say] of Object.entries({
  'another ETag, although it was asked for the first by If-Match': { etag: '"2"' },
  'no ETag any more': { etag: '' },
  'another length': { total: 41_000 },
  'a version': { headers: { 'x-amz-version-id': 'b' } },
})) {
  test(`a server that answers a range with ${title} is SOURCE_CHANGED at once`, async (t) => {
    const { fault, tries } = await faultOfRead(t, ({ headers }, response) => range(response, rangeOf(headers.range), say));
    assert.equal(fault.code, 'SOURCE_CHANGED');
    assert.equal(fault.retryable, false);
    assert.equal(tries, 1);
  });
}

for (const [code, expected] of [
  [412, 'SOURCE_CHANGED: the source has changed: its server says so'],
  [404, 'SOURCE_CHANGED: the source has changed: it is no longer there'],
  [410, 'SOURCE_CHANGED: the source has changed: it is no longer there'],
  [416, 'SOURCE_CHANGED: the source has changed: it is shorter than when the job was submitted'],
  [403, 'SOURCE_UNREACHABLE: the server answers 403'],
  [401, 'SOURCE_UNREACHABLE: the server answers 401'],
  [200, 'SOURCE_NOT_READABLE: its server answers a request for a range with everything: it must know Range'],
] as const) {
  test(`${code} to a read is not asked again, and nothing of its body is said`, async (t) => {
    const { fault, said, tries } = await faultOfRead(t, status(code));
    assert.deepEqual([said, fault.retryable, tries], [expected, false, 1]);
  });
}

for (const [code, expected] of [
  [404, 'SOURCE_NOT_ALLOWED: the source does not exist, or this client may not use it'],
  [416, 'SOURCE_NOT_READABLE: the source is empty'],
  [403, 'SOURCE_UNREACHABLE: the server answers 403'],
  [200, 'SOURCE_NOT_READABLE: its server answers a request for a range with everything: it must know Range'],
  [204, 'SOURCE_UNREACHABLE: the server answers 204'],
] as const) {
  test(`${code} at the opening is ${expected.split(':')[0]}`, async (t) => {
    const { sources, uri, requests } = await lying(t, status(code));
    assert.equal(await refusal(sources.open(uri, access)), expected);
    assert.equal(requests.length, 1);
  });
}

test('a redirect is not followed, and where it leads to is not said', async (t) => {
  for (const code of [301, 302, 303, 307, 308]) {
    const { said, tries } = await faultOfRead(t, status(code, { location: 'http://169.254.169.254/latest/meta-data' }));
    assert.equal(said, `SOURCE_UNREACHABLE: the server answers ${code}: redirects are not followed`);
    assert.equal(tries, 1);
  }
});

for (const code of [408, 429, 500, 502, 503, 504]) {
  test(`${code} is asked again, three times, and may pass later`, async (t) => {
    const { fault, said, tries } = await faultOfRead(t, status(code));
    assert.deepEqual([said, fault.retryable, tries], [`SOURCE_UNREACHABLE: the server answers ${code}`, true, 4]);
  });
}

test('a read goes on after failures that pass: 429, a reset connection, a body that is cut', async (t) => {
  const cut: RequestListener = ({ headers }, response) => {
    const [from, to] = rangeOf(headers.range);
    response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${stored.length}`, etag: '"1"', 'content-length': to - from });
    response.write(stored.subarray(from, from + 100), () => response.destroy());
  };
  const reset: RequestListener = ({ socket }) => socket.resetAndDestroy();
  const { sources, uri, requests } = await lying(t, afterOpening(status(429, { 'retry-after': '0' }), reset, cut, honest));
  const source = await sources.open(uri, access);
  const into = new Uint8Array(30_000);
  await source.read(10, into, signal);
  assert.deepEqual(into, stored.slice(10, 30_010));
  // what came before the cut is not asked for again
  assert.deepEqual(
    requests.slice(1).map(({ range }) => range),
    ['bytes=10-30009', 'bytes=10-30009', 'bytes=10-30009', 'bytes=110-30009'],
  );
});

test('an answer that fails after its last byte has all that was asked for, and is not asked for again', async (t) => {
  const unended: RequestListener = ({ headers }, response) => {
    const [from, to] = rangeOf(headers.range);
    response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${stored.length}`, etag: '"1"' });
    response.write(stored.subarray(from, to), () => response.destroy());
  };
  const { sources, uri, requests } = await lying(t, afterOpening(unended, status(416)));
  const source = await sources.open(uri, access);
  const into = new Uint8Array(30_000);
  await source.read(10, into, signal);
  assert.deepEqual(into, stored.slice(10, 30_010));
  assert.equal(requests.length, 2);
});

test('bytes after a cut are of the same object, or SOURCE_CHANGED', async (t) => {
  const cut: RequestListener = ({ headers }, response) => {
    const [from, to] = rangeOf(headers.range);
    response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${stored.length}`, etag: '"1"', 'content-length': to - from });
    response.write(stored.subarray(from, from + 100), () => response.destroy());
  };
  const other: RequestListener = ({ headers }, response) => range(response, rangeOf(headers.range), { etag: '"2"' });
  const { sources, uri } = await lying(t, afterOpening(cut, other));
  const source = await sources.open(uri, access);
  assert.equal((await faultOf(source.read(10, new Uint8Array(30_000), signal))).code, 'SOURCE_CHANGED');
});

test('a Retry-After is waited for, and one that is too long ends the read, which may succeed later', async (t) => {
  const waits = await faultOfRead(t, status(503, { 'retry-after': '0' }));
  assert.equal(waits.tries, 4);
  for (const value of ['21', new Date(Date.now() + 60_000).toUTCString()]) {
    const { fault, tries } = await faultOfRead(t, status(429, { 'retry-after': value }));
    assert.deepEqual([fault.code, fault.retryable, tries], ['SOURCE_UNREACHABLE', true, 1]);
  }
});

for (const [title, turn] of Object.entries<RequestListener>({
  'other bytes than were asked for': (_request, response) => range(response, [0, 30_000]),
  'a part of the bytes': (_request, response) => range(response, [10, 100]),
  'more bytes than it says': ({ headers }, response) => range(response, rangeOf(headers.range), { bytes: stored }),
  'no Content-Range': (_request, response) => response.writeHead(206, { etag: '"1"' }).end(stored.subarray(10, 30_010)),
  'an unknown total': ({ headers }, response) =>
    range(response, rangeOf(headers.range), { headers: { 'content-range': 'bytes 10-30009/*' } }),
  'compressed bytes': ({ headers }, response) => range(response, rangeOf(headers.range), { headers: { 'content-encoding': 'gzip' } }),
})) {
  test(`a server that answers with ${title} is SOURCE_NOT_READABLE`, async (t) => {
    const { fault } = await faultOfRead(t, turn);
    assert.equal(fault.code, 'SOURCE_NOT_READABLE');
  });
}

test('a server that drips, or says nothing, is given up after a time', async (t) => {
  const drips: RequestListener = ({ headers }, response) => {
    const [from, to] = rangeOf(headers.range);
    response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${stored.length}`, etag: '"1"', 'content-length': to - from });
    const timer = setInterval(() => response.write('x'), 5);
    response.on('close', () => clearInterval(timer));
  };
  for (const turn of [drips, () => {}]) {
    const { fault, said } = await faultOfRead(t, turn, { answerMs: 100 });
    assert.deepEqual([said, fault.retryable], ['SOURCE_UNREACHABLE: the server gives no whole answer within 0.1 s', true]);
  }
});

test('headers above 16 KiB are refused', async (t) => {
  const { said } = await faultOfRead(t, ({ headers }, response) =>
    range(response, rangeOf(headers.range), { headers: { x: 'y'.repeat(20_000) } }),
  );
  assert.equal(said, 'SOURCE_UNREACHABLE: the server fails with UND_ERR_HEADERS_OVERFLOW');
});

test('nobody listens: the fault says the code of the system, and no address', async (t) => {
  // where a test may listen itself, port 1 is free
  const closed = 'http://127.0.0.1:1/q';
  const sources = newSources(t, { prefixes: [closed], privateNetworks: ['127.0.0.1'] });
  assert.equal(await refusal(sources.open(closed, access)), 'SOURCE_UNREACHABLE: the server fails with ECONNREFUSED');
});

test('a cancelled job ends at once, while a server is silent and while a pause lasts', async (t) => {
  for (const turn of [() => {}, status(503, { 'retry-after': '10' })] as RequestListener[]) {
    const { sources, uri } = await lying(
      t,
      afterOpening((request, response) => {
        turn(request, response);
        setImmediate(() => controller.abort(reason));
      }),
    );
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const source = await sources.open(uri, access);
    await assert.rejects(source.read(0, new Uint8Array(10), controller.signal), reason);
  }
});

test('nothing is written by http', async (t) => {
  const sources = newSources(t, { outputs: ['https://data.example/'] });
  assert.equal(
    await refusal(sources.write('https://data.example/r', Buffer.from('x'), access)),
    'SOURCE_NOT_ALLOWED: nothing can be written by https:',
  );
});
