import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Dear } from './dearest-requests.ts';

/** The longest body of a job. */
const bodyBytes = 2 ** 22;

/** The most pairs of a job, and of one whose pairs have seven fields each: a body has at most 2¹⁶. */
export const mostPairs = 10_000;
const mostFull = 9_362;

const path = '/v1/jobs';

/** Puts a tensor of float16 zeros into a file of no more blocks than its header takes, and returns its URI. */
function zeros(file: string, shape: readonly number[]): string {
  const header = `{'descr': '<f2', 'fortran_order': False, 'shape': (${shape},), }`.padEnd(117);
  const head = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'), Buffer.from(`${header}\n`)]);
  writeFileSync(file, head);
  truncateSync(file, head.length + 2 * shape.reduce((product, axis) => product * axis, 1));
  return pathToFileURL(file).href;
}

const post = (text: string, status: number, headers = ''): Dear => ({
  path,
  status,
  headers: `Content-Type: application/json\r\n${headers}`,
  body: Buffer.from(text),
});

const listOf = (count: number, entryOf: (index: number) => string) => Array.from({ length: count }, (_, index) => entryOf(index)).join(',');

/** As many items as a body and a job may have. */
function items(itemOf: (index: number) => string, most = mostPairs): string {
  const all = Array.from({ length: most }, (_, index) => itemOf(index));
  let length = bodyBytes - 100;
  const fitting = all.findIndex((item) => {
    length -= item.length + 1;
    return length < 0;
  });
  return `{"items":[${(fitting === -1 ? all : all.slice(0, fitting)).join(',')}]}`;
}

/** Jobs over files in a folder that is empty, by what makes them dear. Those that end have so many pairs, or rows. */
export function dearestJobs(folder: string, size: { readonly pairs: number; readonly rows: number }) {
  const uri = zeros(join(folder, 'pair.npy'), [1, 2]);
  const weight = zeros(join(folder, 'weight.npy'), [1]);
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => name.repeat(240));
  mkdirSync(join(folder, ...names), { recursive: true });
  const far = zeros(join(folder, ...names, 'pair.npy'), [1, 2]);
  const many = zeros(join(folder, 'many.npy'), [size.rows, 2]);
  // more shards than there may be, which makes each of them larger
  const vast = zeros(join(folder, 'vast.npy'), [3000 * 2 ** 14, 2048]);
  const operand = (of: string) => `{"uri":"${of}"}`;
  const pair = (input: string, target = input) => `"input":${operand(input)},"target":${operand(target)}`;
  const pairOf = (index: number) => `{"id":${index},${pair(uri)}}`;
  const pairs = items(pairOf);
  const wrong = '"input":{"uri":1,"tensor":2},"target":{"uri":["a","",0]}';
  return {
    /** Jobs that end, with as much to say as a job may have. */
    ending: {
      'of many pairs': items(pairOf, size.pairs),
      'that keeps the divergences of all distributions': `{${pair(many)},"statistics":true,"divergences":["kl","jensen_shannon","total_variation","hellinger","reverse_kl","jeffreys"]}`,
    },
    /** A job that is small. */
    small: `{${pair(uri)}}`,
    /** A job that does not end soon. */
    vast: `{${pair(vast)}}`,
    submissions: {
      'as many pairs as there may be': post(pairs, 202),
      'as many pairs with weights and long ids': post(
        items((index) => `{"id":"${String(index).padStart(100, 'x')}",${pair(uri)},"weights":${operand(weight)}}`, mostFull),
        202,
      ),
      'long URIs': post(
        items(() => `{${pair(far)}}`),
        202,
      ),
      'as many URIs of one tensor as there may be': post(
        `{"input":{"uri":[${listOf(mostPairs, () => `"${uri}"`)}]},"target":{"uri":[${listOf(mostPairs, () => `"${uri}"`)}]}}`,
        202,
      ),
      'as many shards as there may be': post(`{${pair(vast)}}`, 202),
      'a job again, by its key': post(pairs, 202, 'Idempotency-Key: again\r\n'),
      'faults in each item': post(
        items((index) => `{"id":[],"weights":${index},${wrong}}`, mostFull),
        422,
      ),
      'unknown fields that are slips': post(
        items((index) => `{"inputt${index}":1,"targett":1,"weightss":1,${pair('a')}}`, mostFull),
        422,
      ),
      'more URIs than there may be': post(
        items(() => `{"input":{"uri":[${listOf(100, () => '1')}]}}`),
        422,
      ),
      'pairs of places that are not allowed': post(
        items((index) => `{${pair('file:///etc/hostname')},"id":${index}}`),
        403,
      ),
      'an id that comes twice at the end': post(pairs.replace(/(?<before>.*"id":)\d+/, '$<before>0'), 422),
      'a name that comes twice at the end': post(`${pairs.slice(0, -1)},"items":0}`, 400),
      'an end that is missing': post(pairs.slice(0, -1), 400),
      'nothing but brackets': post('['.repeat(bodyBytes), 422),
      'nothing but numbers': post(`[${'1,'.repeat(bodyBytes / 2 - 2)}1]`, 422),
      'one long text of escapes': post(`{"input":"${'\\u0041'.repeat(bodyBytes / 6 - 4)}"}`, 422),
      'a byte too many': post(' '.repeat(bodyBytes + 1), 413),
    },
  };
}
