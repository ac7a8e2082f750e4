import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startedApp } from '../../helper.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';

const valid: Record<string, { header: string; flags: string }> = {
  'a sampled one': { header: `00-${traceId}-${parentId}-01`, flags: '01' },
  'one that is not sampled': { header: `00-${traceId}-${parentId}-00`, flags: '00' },
  'one with flags that version 00 does not know, which are dropped': { header: `00-${traceId}-${parentId}-ff`, flags: '01' },
  'one of a version to come': { header: `cc-${traceId}-${parentId}-01`, flags: '01' },
  'one of a version to come that says more': { header: `cc-${traceId}-${parentId}-01-what-the-future-brings`, flags: '01' },
};

for (const [name, { header, flags }] of Object.entries(valid)) {
  test(`a traceparent is taken up: ${name}`, async (t) => {
    const { http, lines } = await startedApp(t);
    const { headers } = await http.get('/v1/info').set('traceparent', header).expect(200);
    const [, answered, spanId, answeredFlags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(headers.traceparent) ?? [];
    assert.deepEqual([answered, answeredFlags], [traceId, flags]);
    assert.notEqual(spanId, parentId);
    const { trace_id, span_id, parent_id } = lines[0];
    assert.deepEqual([trace_id, span_id, parent_id], [traceId, spanId, parentId]);
  });
}

const invalid: Record<string, string> = {
  'upper case': `00-${traceId.toUpperCase()}-${parentId}-01`,
  'a trace id of zeros': `00-${'0'.repeat(32)}-${parentId}-01`,
  'a parent id of zeros': `00-${traceId}-${'0'.repeat(16)}-01`,
  'version ff': `ff-${traceId}-${parentId}-01`,
  'version 00 with more behind it': `00-${traceId}-${parentId}-01-more`,
  'a version to come that goes on without a dash': `cc-${traceId}-${parentId}-01more`,
  'a trace id that is too short': `00-${traceId.slice(1)}-${parentId}-01`,
  'no flags': `00-${traceId}-${parentId}`,
  'digits that are none': `00-${traceId.replace('4', 'g')}-${parentId}-01`,
  'two of them in one': `00-${traceId}-${parentId}-01, 00-${traceId}-${parentId}-01`,
};

for (const [name, header] of Object.entries(invalid)) {
  test(`a traceparent is ignored: ${name}`, async (t) => {
    const { http, lines } = await startedApp(t);
    const { headers } = await http.get('/v1/info').set('traceparent', header).set('tracestate', 'a=b').expect(200);
    assert.equal(headers.traceparent, undefined);
    assert.ok(!('trace_id' in lines[0]));
  });
}

test('without a traceparent there is none on the answer and no trace in the log', async (t) => {
  const { http, lines } = await startedApp(t);
  const { headers } = await http.get('/v1/info').expect(200);
  assert.equal(headers.traceparent, undefined);
  assert.ok(!('trace_id' in lines[0]));
});

for (const [name, url] of Object.entries({
  'a route': '/v1/kl-divergence',
  'no route': '/nowhere',
  'the Open Inference Protocol': '/v2/models/kl_div/infer',
})) {
  test(`a problem of ${name} carries the traceparent too`, async (t) => {
    const { http } = await startedApp(t);
    const { headers, status } = await http.post(url).set('traceparent', `00-${traceId}-${parentId}-01`).send({ input: 'x' });
    assert.ok(status >= 400);
    assert.match(headers.traceparent, new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  });
}
