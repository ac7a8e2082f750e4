import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedApp } from '../helper.ts';
import { docPage } from './page.ts';

const section = docPage('docs/outcome-lists.md').section('Top-k losses elsewhere');

type Masses = readonly number[];

const [p, q] = [...section.matchAll(/[PQ] = \(([\d., ]+)\)/g)].map(([, list]) => list.split(',').map(Number));
const [topOfP, topOfQ] = [p.slice(0, 2), q.slice(0, 2)];

const sum = (masses: Masses) => masses.reduce((total, mass) => total + mass, 0);
const shares = (masses: Masses) => masses.map((mass) => mass / sum(masses));
const withTail = (masses: Masses) => [...masses, 1 - sum(masses)];
/** Σ p·ln(p/q), of masses that need not sum to 1. */
const partial = (of: Masses, other: Masses) => sum(of.map((mass, k) => mass * Math.log(mass / other[k])));

/** What each loss computes, in the order of the table. */
const losses: Readonly<Record<string, number>> = {
  'one more outcome for the rest': partial(withTail(topOfP), withTail(topOfQ)),
  'both renormalised over the list': partial(shares(topOfP), shares(topOfQ)),
  'the teacher renormalised over its list, the student over all': partial(shares(topOfP), topOfQ),
  'Σ over the list of P·log(P/Q), nothing renormalised': partial(topOfP, topOfQ),
};

/** As many digits as the page has. */
const inWords = (value: number, of: string) => value.toFixed(of.split('.')[1].length).replace('-', '−');

const rows = [...section.matchAll(/^\| ([^|]+) \| [^|]+ \| (0[\d.]+) \| ([^|]+) \|$/gm)].map(([, loss, value]) => ({ loss, value }));

test('the value of every loss over a top-k is the one that its formula gives', () => {
  const expected = Object.entries(losses).map(([loss, value], row) => ({ loss, value: inWords(value, rows[row].value) }));
  assert.deepEqual(rows, expected);
});

test('the page on lists of outcomes says the divergence of the whole, and the partial sum with the sides exchanged', () => {
  const [, whole] = /the divergence is (0[\d.]+)\./.exec(section) ?? [];
  const [, exchanged] = /with the sides exchanged it is (−[\d.]+)\./.exec(section) ?? [];
  assert.equal(whole, inWords(partial(p, q), whole));
  assert.equal(exchanged, inWords(partial(topOfQ, topOfP), exchanged));
});

const list = (values: Masses) => ({ outcomes: [...values.keys()], values });
const kinds = (target_kind: string, input_kind = target_kind) => ({ target_kind, input_kind });
const [target, input] = [list(topOfP), list(topOfQ)];
const logs = (masses: Masses) => masses.map(Math.log);

/** What the table says to send for each loss, in all its variants. */
const here: Readonly<Record<string, readonly object[]>> = {
  'one more outcome for the rest': [
    { target, input, ...kinds('probs'), rest: 'bucket' },
    { target: list(logs(topOfP)), input: list(logs(topOfQ)), ...kinds('log_probs'), rest: 'bucket' },
  ],
  'both renormalised over the list': [
    { target, input, ...kinds('counts') },
    { target: list(logs(topOfP)), input: list(logs(topOfQ)), ...kinds('logits') },
  ],
  'the teacher renormalised over its list, the student over all': [
    { target, input: q, ...kinds('counts', 'probs') },
    { target: list(logs(topOfP)), input: logs(q), ...kinds('logits', 'log_probs') },
  ],
  'Σ over the list of P·log(P/Q), nothing renormalised': [{ target, input, ...kinds('probs') }],
};

test('what the table says to send gives the value of each loss, and the partial sum comes with a warning', async () => {
  const { http } = await sharedApp();
  for (const { loss, value } of rows) {
    for (const request of here[loss]) {
      const { body } = await http
        .post('/v1/kl-divergence')
        .send({ ...request, reduction: 'sum' })
        .expect(200);
      assert.equal(inWords(body.results.sum, value), value, loss);
      const codes = body.warnings.map(({ code }: { code: string }) => code);
      assert.equal(codes.includes('NOT_NORMALIZED'), loss.includes('nothing renormalised'), `${loss}: ${codes}`);
    }
  }
});

test('with the sides exchanged the partial sum is answered as it is, below 0', async () => {
  const { http } = await sharedApp();
  const exchanged = { target: input, input: target, ...kinds('probs'), reduction: 'sum' };
  const { body } = await http.post('/v1/kl-divergence').send(exchanged).expect(200);
  assert.equal(inWords(body.results.sum, '0.0000'), '−0.1358');
});
