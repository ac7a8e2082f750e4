import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type JobRecord, type JobStatus, overStatuses } from '../../../src/jobs/engine.ts';
import { createWatches } from '../../../src/jobs/engines/watches.ts';

test('a watch waits a second before it tells of another state, but not before it tells of the last', async (t) => {
  // no timer ends
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let status: JobStatus = 'queued';
  const record = () => ({ status, progress: {} }) as JobRecord;
  const { watch, changed, close } = createWatches({
    find: async () => record(),
    stateOf: async () => record(),
    isOver: async () => overStatuses.includes(status),
  });
  const told: JobStatus[] = [];
  watch('job-1', 'ann', ({ status }) => told.push(status));
  await turn();
  assert.deepEqual(told, ['queued']);
  for (const next of ['running', 'succeeded'] as const) {
    status = next;
    changed('job-1');
    await turn();
    assert.deepEqual(told, next === 'running' ? ['queued'] : ['queued', 'succeeded']);
  }
  close();
});

test('a watch whose store is away tells of the job when it is back', async () => {
  let isAway = true;
  const { watch, changed, close } = createWatches({
    find: async () => assert.fail('the job is not over'),
    stateOf: async () => (isAway ? assert.fail('away') : ({ status: 'running', progress: {} } as JobRecord)),
    isOver: async () => assert.fail('away'),
  });
  const told: JobStatus[] = [];
  watch('job-1', 'ann', ({ status }) => told.push(status));
  await turn();
  assert.deepEqual(told, []);
  isAway = false;
  changed();
  await turn();
  assert.deepEqual(told, ['running']);
  close();
});
