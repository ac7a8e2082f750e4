import assert from 'node:assert/strict';

/** A metric as it is exposed: its type and every series of it, by the text of its name and labels. */
export type Exposed = { readonly type: string; readonly series: ReadonlyMap<string, number> };

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const sample = new RegExp(`^(${name})(\\{${label}(?:,${label})*\\})? (\\+Inf|-Inf|Na[Nn]|-?[0-9.]+(?:e[+-]?[0-9]+)?)$`);

/** Reads the text format of Prometheus, and is strict: each metric once, help and type before its series, each series once. */
export function parseExposition(text: string): Map<string, Exposed> {
  assert.ok(text.endsWith('\n'));
  const metrics = new Map<string, { type: string; series: Map<string, number> }>();
  let current = '';
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const [, help] = new RegExp(`^# HELP (${name}) \\S.*$`).exec(line) ?? [];
    const [, typed, type] = new RegExp(`^# TYPE (${name}) (counter|gauge|histogram|summary)$`).exec(line) ?? [];
    if (help !== undefined) {
      assert.ok(!metrics.has(help), line);
      current = help;
    } else if (typed !== undefined) {
      assert.equal(typed, current, line);
      metrics.set(typed, { type, series: new Map() });
    } else {
      const [, series, labels = '', value] = sample.exec(line) ?? [];
      assert.ok(series !== undefined, `no line of the format: ${line}`);
      const metric = metrics.get(current);
      const suffixes = metric?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      assert.ok(
        suffixes.some((suffix) => series === current + suffix),
        line,
      );
      assert.ok(!metric?.series.has(series + labels), `twice: ${line}`);
      metric?.series.set(series + labels, Number(value.replace('Inf', 'Infinity')));
    }
  }
  return metrics;
}

/** The values of all series, by name and labels. */
export function seriesOf(text: string): ReadonlyMap<string, number> {
  return new Map([...parseExposition(text).values()].flatMap(({ series }) => [...series]));
}
