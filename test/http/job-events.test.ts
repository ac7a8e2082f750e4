import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { FastifyReply } from 'fastify';
import { createDrain } from '../../src/http/connection/drain.ts';
import { sendJobEvents } from '../../src/http/job-events.ts';

test('a client that disconnects before its events begin is not waited for', () => {
  const drain = createDrain();
  const reply = { raw: Object.assign(new EventEmitter(), { closed: true }) } as unknown as FastifyReply;
  const jobs = { watch: () => assert.fail('nothing is watched') };
  assert.throws(() => sendJobEvents(reply, { jobs, id: 'job-1', client: 'ann', lastId: undefined }, drain), /disconnected/);
  assert.deepEqual(drain.answers(), []);
});
