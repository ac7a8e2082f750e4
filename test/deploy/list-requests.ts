import type { DearRequest, Limits } from './dearest-requests.ts';
import { numbers, repeated, type Side, sides } from './request-bodies.ts';

/** Lists of so many outcomes on a side, whose texts each take so many bytes. */
type Lists = { readonly entryBytes: number; readonly outcomes: (count: number, side: Side) => Buffer; readonly value: string };

const counts = { input_kind: 'counts', target_kind: 'counts' };

/** As many bytes as the codes of all entries take in base 36. */
const codeLength = 5;

/** So many codes of one length, the first of `side`, with a text before and behind each: no two of them are equal. */
function codes(count: number, side: Side, before: string, behind: string): Buffer {
  const unit = before.length + codeLength + behind.length;
  const text = repeated(`${before}${'0'.repeat(codeLength)}${behind}`, unit * count);
  const first = side === 'input' ? 36 ** codeLength / 2 : 0;
  for (let k = 0; k < count; k++) {
    let rest = first + k;
    for (let at = k * unit + before.length + codeLength - 1; rest > 0; at--) {
      text[at] = rest % 36 < 10 ? 48 + (rest % 36) : 87 + (rest % 36);
      rest = Math.floor(rest / 36);
    }
  }
  return text.subarray(0, text.length - 1);
}

/** Ids of 16 digits with odd distances. */
function farIds(count: number, side: Side): Buffer {
  const first = side === 'input' ? 2 ** 52 : 2 ** 51;
  const text = Buffer.alloc(17 * count, ',');
  for (let k = 0; k < count; k++) text.write(String(first + 1023 * k), 17 * k, 'latin1');
  return text.subarray(0, text.length - 1);
}

const forms: Readonly<Record<string, Lists>> = {
  'names that no side shares': { entryBytes: 10, outcomes: (count, side) => codes(count, side, '"', '",'), value: '1,' },
  'the same names on both sides': { entryBytes: 10, outcomes: (count) => codes(count, 'target', '"', '",'), value: '1,' },
  'names of escapes': { entryBytes: 16, outcomes: (count, side) => codes(count, side, '"\\u0000', '",'), value: '1,' },
  'ids far from one another': { entryBytes: 19, outcomes: farIds, value: '1,' },
  'ids in rows of one': { entryBytes: 8, outcomes: (count) => repeated('[7],', 4 * count - 1), value: '[1],' },
};

/** What is asked for, and of how large a share of the most outcomes: an answer with all terms of all of them is refused. */
const asked = [
  { share: 1, reduction: 'sum' },
  { share: 1, reduction: 'all' },
  { share: 0.2, reduction: 'all' },
];

/** Lists of outcomes as JSON and as safetensors. */
export function* listRequests({ body_bytes, elements_per_tensor }: Limits): Generator<DearRequest> {
  const most = (entryBytes: number) => Math.min(elements_per_tensor / 2, (body_bytes - 4_000) / 2 / entryBytes);
  for (const path of ['/v1/kl-divergence', '/v1/divergences']) {
    for (const { share, reduction } of asked) {
      const options = { ...counts, reduction };
      const what = `of a share of ${share}, ${reduction}, ${path}`;
      for (const [form, lists] of Object.entries(forms)) {
        const body = () => inText(lists, Math.floor(share * most(lists.entryBytes)), options);
        yield { name: `lists, ${form}, ${what}`, path, headers: { 'content-type': 'application/json' }, body };
      }
      for (const accept of ['application/json', 'application/safetensors']) {
        const headers = { 'content-type': 'application/octet-stream', accept };
        const body = () => inBytes(Math.floor(share * most(5)));
        yield { name: `lists, I32 and U8 to ${accept}, ${what}`, path: `${path}?${new URLSearchParams(options)}`, headers, body };
      }
    }
  }
}

function inText({ outcomes, value }: Lists, count: number, options: object): Buffer {
  const side = (of: Side) => [
    Buffer.from(`"${of}":{"outcomes":[`),
    outcomes(count, of),
    Buffer.from('],"values":['),
    repeated(value, value.length * count - 1),
    Buffer.from(']},'),
  ];
  return Buffer.concat([Buffer.from('{'), ...sides.flatMap(side), Buffer.from(JSON.stringify(options).slice(1))]);
}

/** Ids from 0 on, and beyond them on the other side, in one row. */
function inBytes(count: number): Buffer {
  const parts = sides.flatMap((side, at) => [
    { name: `${side}.outcomes`, dtype: 'I32', bytes: Buffer.from(Int32Array.from({ length: count }, (_, k) => k + at * count).buffer) },
    { name: `${side}.values`, dtype: 'U8', bytes: numbers('U8', count, side) },
  ]);
  let end = 0;
  const header = Object.fromEntries(
    parts.map(({ name, dtype, bytes }) => {
      end += bytes.length;
      return [name, { dtype, shape: [count], data_offsets: [end - bytes.length, end] }];
    }),
  );
  const head = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  return Buffer.concat([length, head, ...parts.map(({ bytes }) => bytes)]);
}
