import { createHook } from 'node:async_hooks';

/**
 * One of the objects that `process.nextTick` makes. V8 knows their shape as long as there is one: after a full collection that found none
 * it makes each in a slower way, five times as long, for as long as the process lives.
 */
const ticks: object[] = [];

const hook = createHook({ trackPromises: false, init: (_id, _type, _trigger, resource) => ticks.push(resource) }).enable();
process.nextTick(() => {});
hook.disable();
