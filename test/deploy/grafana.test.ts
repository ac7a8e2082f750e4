import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { startedApp } from '../helper.ts';
import { compose } from './compose.ts';
import { promtool, withoutPromtool } from './promtool.ts';

const read = (file: string) => readFileSync(new URL(`../../deploy/${file}`, import.meta.url), 'utf8');
const dashboard = JSON.parse(read('grafana/dashboards/kl-divergence.json'));
const alerts: { expr: string }[] = parse(read('alerts.yml')).groups[0].rules;

type Panel = {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource: { uid: string };
  fieldConfig: { defaults: { unit: string } };
  targets: { expr: string; legendFormat: string }[];
};

const panels: Panel[] = dashboard.panels;
const graphs = panels.filter(({ type }) => type !== 'row');
const expressions = graphs.flatMap(({ targets }) => targets.map(({ expr }) => expr));

/** What the service counts, and the labels of it, by its own words when a request has been answered and one refused. */
async function countedBy(t: TestContext): Promise<Record<string, string[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'jobs-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { http } = await startedApp(t, { JOB_SOURCES: pathToFileURL(folder).href, JOBS_DIR: folder });
  await http.post('/v1/kl-divergence').send({ input: [[1, 2]], target: [[2, 1]] });
  await http.post('/v1/kl-divergence').send({});
  const { text } = await http.get('/metrics');
  const counted: Record<string, string[]> = {};
  for (const [, name] of text.matchAll(/^# TYPE (kl_\w+)/gm)) {
    const labels = new RegExp(`^${name}(?:_bucket|_count|_sum)?\\{(.*)\\} `, 'm').exec(text)?.[1] ?? '';
    counted[name] = [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label);
  }
  return counted;
}

test('the dashboard and the alerts use only metrics that the service has, and the dashboard shows all of them', async (t) => {
  const counted = await countedBy(t);
  const used = (texts: string[]) =>
    new Set(
      texts
        .join(' ')
        .match(/\bkl_\w+/g)
        ?.map((name) => name.replace(/_(bucket|count|sum)$/, '')),
    );
  for (const name of used([...expressions, ...alerts.map(({ expr }) => expr)])) assert.ok(name in counted, name);
  assert.deepEqual([...used(expressions)].sort(), Object.keys(counted).sort());
});

test('each curve is named by a label that its query keeps', async (t) => {
  const counted = await countedBy(t);
  for (const { targets } of graphs) {
    for (const { expr, legendFormat } of targets) {
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        const kept = /by \(([^)]*)\)/.exec(expr)?.[1].split(', ') ?? ['instance'];
        assert.ok(kept.includes(label), expr);
        const metric = /\bkl_\w+/.exec(expr)?.[0].replace(/_(bucket|count|sum)$/, '') ?? '';
        assert.ok(label === 'instance' || counted[metric].includes(label), expr);
      }
    }
  }
});

test('every query of the dashboard is one that Prometheus can read', { skip: withoutPromtool }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const filled = (expr: string) => expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*');
  const rules = expressions.map((expr, place) => ({ record: `panel:${place}`, expr: filled(expr) }));
  // JSON is YAML
  writeFileSync(join(folder, 'rules.yml'), JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
  const { status, said } = promtool('check', 'rules', join(folder, 'rules.yml'));
  assert.equal(status, 0, said);
});

test('every graph has a title, a unit, a legend and a place of its own', () => {
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Set<string>();
  for (const { title, gridPos, fieldConfig, targets } of graphs) {
    assert.ok(title && fieldConfig.defaults.unit && targets.every(({ legendFormat }) => legendFormat), title);
    assert.ok(gridPos.x + gridPos.w <= 24, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        assert.ok(!taken.has(`${x} ${y}`), title);
        taken.add(`${x} ${y}`);
      }
    }
  }
});

test('what is provisioned fits together: the datasource of the panels, and the folder where the dashboard is mounted', () => {
  const { datasources } = parse(read('grafana/provisioning/datasources/prometheus.yml'));
  for (const { datasource, title } of graphs) assert.equal(datasource.uid, datasources[0].uid, title);
  const [provider] = parse(read('grafana/provisioning/dashboards/dashboards.yml')).providers;
  assert.ok(compose().services.grafana.volumes?.includes(`./deploy/grafana/dashboards:${provider.options.path}:ro`));
  assert.equal(datasources[0].url, 'http://prometheus:9090');
});
