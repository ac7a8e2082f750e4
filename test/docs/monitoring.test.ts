import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedApp } from '../helper.ts';
import { docPage } from './page.ts';

/** The metrics of the page: their names, and the code in what it says of each. */
const documented = new Map(
  [
    ...docPage('docs/operations/monitoring.md')
      .section('Metrics')
      .matchAll(/^\| (`kl_.+?`) \|[^|]*\| (.*) \|$/gm),
  ].flatMap(([, names, meaning]) => codesIn(names).map((name) => [name, codesIn(meaning)])),
);

function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
}

const scraped = async (): Promise<string> => (await (await sharedApp()).http.get('/metrics').expect(200)).text;

/** The values that a label of a metric has, each once. */
const valuesOf = (text: string, metric: string, label: string) => [
  ...new Set([...text.matchAll(new RegExp(`^${metric}\\w*\\{.*?${label}="([^"]+)"`, 'gm'))].map(([, value]) => value)),
];

test('the page on monitoring has the metrics of the service, and no others', async () => {
  const there = [...(await scraped()).matchAll(/^# HELP (kl_\w+) /gm)].map(([, name]) => name);
  assert.deepEqual([...documented.keys()].sort(), there.sort());
});

test('the page on monitoring has every lane and every reason to reject a request', async () => {
  const text = await scraped();
  assert.deepEqual(documented.get('kl_queue_depth'), valuesOf(text, 'kl_queue_depth', 'lane'));
  assert.deepEqual(documented.get('kl_refusals_total'), valuesOf(text, 'kl_refusals_total', 'reason'));
  const alone = valuesOf(text, 'kl_queue_wait_seconds', 'lane').filter((lane) => !documented.get('kl_queue_depth')?.includes(lane));
  assert.deepEqual(documented.get('kl_queue_wait_seconds'), alone);
});
