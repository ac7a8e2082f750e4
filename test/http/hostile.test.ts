import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cases, everyNth } from '../cases.ts';
import { postBytes, sharedApp } from '../helper.ts';

const path = '/v1/kl-divergence';
const megabyte = 2 ** 20;

// counting what its threads cover would take most of the time of the largest bodies
delete process.env.NODE_V8_COVERAGE;

/** On a slow machine 32 MiB may take longer than a request may by default. */
const patient = { REQUEST_TIMEOUT_MS: '300000' };

/** Bodies that mean harm, some of them of so many MiB, and the code that each is refused with. */
const bodies: Record<string, { body: string | Buffer | ((mebibytes: number) => string); status: number; code: string }> = {
  'lists nested 200 000 deep in a tensor': {
    body: `{"input": ${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
    status: 422,
    code: 'DEPTH_LIMIT',
  },
  'lists nested 200 000 deep in dim, never closed': { body: `{"dim": ${'['.repeat(200_000)}`, status: 422, code: 'DEPTH_LIMIT' },
  'objects nested 200 000 deep in an unknown field': { body: '{"a":'.repeat(200_000), status: 422, code: 'DEPTH_LIMIT' },
  '32 MiB of opening brackets': { body: Buffer.alloc(32 * megabyte, '['), status: 422, code: 'DEPTH_LIMIT' },
  'a __proto__ that would turn strict on': {
    body: '{"input": [1, 2], "target": [2, 1], "__proto__": {"strict": true}}',
    status: 422,
    code: 'UNKNOWN_FIELD',
  },
  'a __proto__ in a tensor': {
    body: '{"input": {"__proto__": {"shape": [1], "data": [1]}}, "target": [1]}',
    status: 422,
    code: 'UNKNOWN_FIELD',
  },
  'numbers beyond float64': { body: '{"input": [1e999, -1e999], "target": [1, 2]}', status: 422, code: 'NUMBER_OVERFLOW' },
  'a base beyond float64': { body: '{"input": [1, 2], "target": [1, 2], "base": 1e999}', status: 422, code: 'INVALID_VALUE' },
  'a dim beyond float64': { body: '{"input": [1, 2], "target": [1, 2], "dim": -1e999}', status: 422, code: 'INVALID_VALUE' },
  'a lone surrogate as a field': { body: '{"input": [1], "target": [1], "\\ud800": 1}', status: 422, code: 'UNKNOWN_FIELD' },
  'a lone surrogate as an element': { body: '{"input": ["\\udfff"], "target": [1]}', status: 422, code: 'NOT_A_NUMBER' },
  'a shape whose product overflows': {
    body: `{"input": {"shape": [${Array(32).fill(Number.MAX_SAFE_INTEGER)}], "data": [1]}, "target": [1]}`,
    status: 413,
    code: 'TOO_MANY_ELEMENTS',
  },
  'a shape of 4 GiB for one number': {
    body: '{"input": {"shape": [65536, 65536], "base64": ""}, "target": [1]}',
    status: 413,
    code: 'TOO_MANY_ELEMENTS',
  },
  'lists that promise a million elements and hold a thousand': {
    body: `{"input": [[${Array(1000).fill(0)}]${',0'.repeat(999)}], "target": [1]}`,
    status: 422,
    code: 'RAGGED_TENSOR',
  },
  'UTF-16 with a byte order mark': {
    body: Buffer.from('\ufeff{"input": [1], "target": [1]}', 'utf16le'),
    status: 400,
    code: 'INVALID_JSON',
  },
  'UTF-16 without one': { body: Buffer.from('{"input": [1], "target": [1]}', 'utf16le'), status: 400, code: 'INVALID_JSON' },
  'bytes that are no UTF-8': { body: Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]), status: 400, code: 'INVALID_JSON' },
  'two million options': {
    body: `{"input": [1], "target": [1], "reduction": [${'1,'.repeat(2_000_000)}1]}`,
    status: 422,
    code: 'INVALID_VALUE',
  },
  '60 000 unknown fields': {
    body: `{${Array.from({ length: 60_000 }, (_, k) => `"x${k}": 1`)}}`,
    status: 422,
    code: 'UNKNOWN_FIELD',
  },
  'a hundred thousand unknown fields': {
    body: `{${Array.from({ length: 100_000 }, (_, k) => `"x${k}": 1`)}}`,
    status: 413,
    code: 'BODY_TOO_COMPLEX',
  },
  'up to 32 MiB of empty lists': { body: (mebibytes) => manyOf('[]', mebibytes), status: 413, code: 'BODY_TOO_COMPLEX' },
  'up to 32 MiB of empty objects': { body: (mebibytes) => manyOf('{}', mebibytes), status: 413, code: 'BODY_TOO_COMPLEX' },
  '40 MiB of zeros, cut off': { body: `{"input": [${'0,'.repeat(20 * megabyte)}`, status: 413, code: 'TOO_MANY_ELEMENTS' },
  'up to 32 MiB of line feeds before a fault': {
    body: (mebibytes) => `${'\n'.repeat(mebibytes * megabyte)}x`,
    status: 400,
    code: 'INVALID_JSON',
  },
  '200 000 elements that are not numbers': {
    body: `{"input": [${'null,'.repeat(200_000)}null], "target": [1]}`,
    status: 422,
    code: 'NOT_A_NUMBER',
  },
  'a number of a million digits': { body: `{"input": [${'9'.repeat(1_000_000)}], "target": [1]}`, status: 422, code: 'NUMBER_OVERFLOW' },
  'a string of 8 MiB that never ends': { body: `{"input": "${'a'.repeat(8 * megabyte)}`, status: 400, code: 'INVALID_JSON' },
  'a name of 8 MiB': { body: `{"${'a'.repeat(8 * megabyte)}": 1}`, status: 422, code: 'UNKNOWN_FIELD' },
  'an option twice': {
    body: '{"input": [1, 2], "target": [2, 1], "dim": 0, "dim": -1}',
    status: 400,
    code: 'INVALID_JSON',
  },
  'a large tensor twice': {
    body: `{"input": [${'0,'.repeat(50_000)}0], "target": [${'0,'.repeat(50_000)}0], "input": [1]}`,
    status: 400,
    code: 'INVALID_JSON',
  },
  'a null byte': { body: '{"input": [1\u0000], "target": [1]}', status: 400, code: 'INVALID_JSON' },
};

function manyOf(unit: string, mebibytes: number): string {
  return `{"input": [${`${unit},`.repeat((mebibytes * megabyte) / 3)}${unit}]}`;
}

for (const [name, { body, status, code }] of Object.entries(bodies)) {
  test(`${name}: refused with ${code}, in a short answer, and the service goes on`, async (t) => {
    const { http } = await sharedApp(patient);
    const sent = typeof body === 'function' ? body(cases(t, 32, 8, 'MiB')) : body;
    const answered = await postBytes(http, path, sent).expect(status);
    assert.equal(answered.body.code, code);
    assert.ok(answered.text.length < 20_000, `${answered.text.length} characters`);
    await http
      .post(path)
      .send({ input: [1, 2], target: [2, 1] })
      .expect(200);
  });
}

const valid =
  '{"input": [[1, -2.5e1], ["-Infinity", 4]], "target": {"shape": [2, 2], "data": [1, 2, 3, 4]}, "dim": [0], "base": 2, "strict": false}';

test('a body cut off at any byte is INVALID_JSON', async () => {
  const { http } = await sharedApp(patient);
  for (let length = 1; length < valid.length; length++) {
    const { body } = await postBytes(http, path, valid.slice(0, length)).expect(400);
    assert.equal(body.code, 'INVALID_JSON');
  }
  await postBytes(http, path, valid).expect(200);
});

test('a body with any byte replaced is answered or refused, and never fails', async (t) => {
  const { http } = await sharedApp(patient);
  const replacements = [0x00, 0x22, 0x2d, 0x39, 0x5b, 0x7d, 0x80, 0xff];
  const changes = Array.from(valid, (_, at) => replacements.map((byte) => ({ at, byte }))).flat();
  // of 8 replacements: every third is another one at each place
  for (const { at, byte } of everyNth(t, changes, 3)) {
    const bytes = Buffer.from(valid);
    bytes[at] = byte;
    const { status, body } = await postBytes(http, path, bytes);
    assert.ok([200, 400, 413, 422].includes(status), `byte ${byte} at ${at}: ${status} ${JSON.stringify(body)}`);
  }
});
