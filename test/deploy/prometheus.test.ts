import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { compose } from './compose.ts';
import { promtool, withoutPromtool } from './promtool.ts';

const read = (file: string) => parse(readFileSync(new URL(`../../deploy/${file}`, import.meta.url), 'utf8'));

test('Prometheus accepts its configuration and the rules', { skip: withoutPromtool }, () => {
  const { status, said } = promtool('check', 'config', 'prometheus.yml');
  assert.equal(status, 0, said);
});

test('every alert fires when it should, and is silent when it should be', { skip: withoutPromtool }, () => {
  const { status, said } = promtool('test', 'rules', 'alerts.test.yml');
  assert.equal(status, 0, said);
});

test('every alert has a case in which it fires and one in which it does not', () => {
  const cases = read('alerts.test.yml').tests.flatMap((one: { alert_rule_test: unknown[] }) => one.alert_rule_test);
  for (const { alert } of read('alerts.yml').groups[0].rules) {
    const fires = new Set(
      cases.filter((one: { alertname: string }) => one.alertname === alert).map(({ exp_alerts = [] }) => exp_alerts.length > 0),
    );
    assert.deepEqual([...fires].sort(), [false, true], alert);
  }
});

test('Prometheus asks all containers of the service, by their names in the compose file', () => {
  const [job] = read('prometheus.yml').scrape_configs;
  const names = Object.entries(compose().services)
    .filter(([, { image, profiles }]) => image.includes('kl-divergence') && !profiles?.includes('key'))
    .map(([name]) => name);
  assert.deepEqual(job.dns_sd_configs[0].names, names);
});
