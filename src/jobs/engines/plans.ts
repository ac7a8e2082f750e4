import type { JsonValue } from '../engine.ts';

/** A worker computes shards of this many jobs in turn without parsing their plans anew. */
const kept = 8;

/** Remembers the plans that were asked for last. The `key` tells a job from one that had its id before. */
export function createPlans(): (key: string, read: () => Promise<string>) => Promise<JsonValue> {
  const plans = new Map<string, Promise<JsonValue>>();
  return (key, read) => {
    const plan = plans.get(key) ?? read().then((text) => JSON.parse(text));
    plans.delete(key);
    plans.set(key, plan);
    plan.catch(() => plans.delete(key));
    for (const oldest of plans.keys()) if (plans.size > kept) plans.delete(oldest);
    return plan;
  };
}
