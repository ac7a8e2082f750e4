import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { sharedApp } from '../helper.ts';
import { docPage, listening, run } from './page.ts';

const page = docPage('docs/monitoring-drift.md');

type Counts = readonly number[];

const reference = [50, 30, 20, 0];
const current = [40, 30, 25, 5];

const sum = (values: Counts) => values.reduce((total, value) => total + value, 0);
const shares = (counts: Counts) => counts.map((count) => count / sum(counts));
const kl = (p: Counts, q: Counts) => sum(p.map((share, k) => (share === 0 ? 0 : share * Math.log(share / q[k]))));
const psi = (p: Counts, q: Counts) => sum(p.map((share, k) => (share === q[k] ? 0 : (share - q[k]) * Math.log(share / q[k]))));
const more = (counts: Counts, by: number) => counts.map((count) => count + by);
const distance = (p: Counts, q: Counts) => {
  const mixture = p.map((share, k) => (share + q[k]) / 2);
  return Math.sqrt((kl(p, mixture) + kl(q, mixture)) / 2);
};

/** evidently/legacy/calculations/stattests/utils.py: each side alone, where the smallest share is above 0.0001 */
const evidentlyFill = (counts: Counts, share = 1e-4) => shares(counts).map((of) => (of === 0 ? share : of));
/** deepchecks/utils/distribution/drift.py: PSI_MIN_PERCENTAGE */
const deepchecksFill = (counts: Counts) => shares(counts).map((share) => Math.max(share, 0.01));
/** Azure/azureml-assets, data_drift_compute_metrics/categorical_data_drift_metrics.py */
const azureShares = (counts: Counts) => more(counts, 1).map((count) => count / sum(counts));
/** great_expectations expect_column_kl_divergence_to_be_less_than.py, tail_weight_holdout of 0.05 for one value that the partition lacks */
const expected = shares(reference).map((share) => (share === 0 ? 0.05 : 0.95 * share));

/** What each tool computes, by tool and measure as the page has them. */
const formulas: Readonly<Record<string, number>> = {
  'none: the definition PSI': psi(shares(reference), shares(current)),
  'evidently PSI': psi(evidentlyFill(reference), evidentlyFill(current)),
  'evidently KL(reference, current)': kl(shares(evidentlyFill(reference)), shares(evidentlyFill(current))),
  'deepchecks PSI': psi(deepchecksFill(reference), deepchecksFill(current)),
  'Fiddler, Arize phoenix PSI': psi(shares(more(reference, 1)), shares(more(current, 1))),
  'Azure Machine Learning PSI': psi(azureShares(reference), azureShares(current)),
  'Great Expectations KL(current, reference)': kl(shares(current), expected),
  "Jeffreys' prior PSI": psi(shares(more(reference, 0.5)), shares(more(current, 0.5))),
  'evidently Jensen-Shannon distance, nats': distance(shares(reference), shares(current)),
  'NannyML, Azure Machine Learning Jensen-Shannon distance, bits': distance(shares(reference), shares(current)) / Math.sqrt(Math.LN2),
};

const inWords = (value: number) => (Number.isFinite(value) ? value.toFixed(6) : String(value));

const rows = [...page.section('Empty bins').matchAll(/^\| ([^|]+) \| [^|]+ \| ([^|]+) \| ([\d.]+|Infinity) \| ([^|]+) \|$/gm)].map(
  ([, tool, measure, value, here]) => ({ name: `${tool} ${measure}`, measure, value, here }),
);

test('the value of every tool on the page on drift is the one that its formula gives', () => {
  assert.deepEqual(Object.fromEntries(rows.map(({ name, value }) => [name, value])), mapped(formulas));
});

function mapped(values: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, inWords(value)]));
}

const kinds = { input_kind: 'counts', target_kind: 'counts', reduction: 'sum' };

test('where the page on drift has the same request here, the service answers the value', async () => {
  const { http } = await sharedApp();
  const same = rows.filter(({ here }) => here !== '–');
  assert.equal(same.length, 5);
  for (const { name, measure, value, here } of same) {
    const key = measure === 'PSI' ? 'jeffreys' : 'jensen_shannon_distance';
    const options = JSON.parse(here.replaceAll('`', ''));
    const request = { input: current, target: reference, ...kinds, ...options, divergences: [key] };
    const { body } = await http.post('/v1/divergences').send(request).expect(200);
    assert.equal(inWords(Number(body.divergences[key].results.sum)), value, name);
  }
});

test('the page on drift says what more counts and a smaller constant do to PSI', async () => {
  const { http } = await sharedApp();
  const hundredfold = (counts: Counts) => counts.map((count) => 100 * count);
  const request = { input: hundredfold(current), target: hundredfold(reference), ...kinds, pseudocount: 0.5, divergences: ['jeffreys'] };
  const { body } = await http.post('/v1/divergences').send(request).expect(200);
  const text = page.section('Why the service fills in no constant').replace(/\s+/g, ' ');
  const constant = inWords(psi(evidentlyFill(hundredfold(reference)), evidentlyFill(hundredfold(current))));
  assert.ok(text.includes(`PSI is ${constant} as before`), constant);
  const grown = inWords(body.divergences.jeffreys.results.sum);
  assert.ok(text.includes(`it grows from ${inWords(formulas["Jeffreys' prior PSI"])} to ${grown}:`), grown);
  const smaller = inWords(psi(evidentlyFill(reference, 1e-6), evidentlyFill(current, 1e-6)));
  assert.ok(text.includes(`has a PSI of ${smaller}.`), smaller);
});

test('what stays empty is named by the warning of the page on drift, and only where the divergence is infinite', async () => {
  const { http } = await sharedApp();
  const ask = async (divergences: readonly string[]) => {
    const { body } = await http.post('/v1/divergences').send({ input: current, target: reference, ...kinds, divergences });
    return body.warnings.map(({ code, details }: { code: string; details: object }) => [code, details]);
  };
  assert.deepEqual(await ask(['jeffreys']), [['INFINITE_DIVERGENCE', { divergence: 'jeffreys', count: 1, indices: [[3]] }]]);
  assert.deepEqual(await ask(['jensen_shannon', 'jensen_shannon_distance', 'hellinger', 'total_variation']), []);
});

const python = ['python3', 'python'].find((name) => spawnSync(name, ['-c', 'import numpy, requests']).status === 0);

test('the Python of the page on drift prints what the page shows', {
  skip: python === undefined ? 'no Python with numpy and requests is here' : false,
}, async () => {
  const service = await listening();
  const [code] = page.blocks('python', 'One reference, many windows');
  const { out, err } = await run(python ?? '', ['-c', code.replace('http://127.0.0.1:3000', service)]);
  assert.equal(out, page.blocks('text', 'One reference, many windows')[0], err);
});
