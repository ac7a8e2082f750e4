import { RequestError } from '../../errors/request-error.ts';
import { answerOf } from './answer.ts';
import type { JobPlan } from './job-plan.ts';
import { type ItemPartial, joinItems } from './partial.ts';
import { partialOf } from './partial-bytes.ts';

/**
 * Merges what all shards say into the answer of a job: that of the request of the same tensors, or for a list of items `{ items }`, with
 * the answer of each. The order of the partials does not matter, nor that some come twice.
 * @throws RequestError ZERO_WEIGHT, STRICT_WARNINGS, with pointers into the request of the job
 */
export async function mergePartials(plan: JobPlan, partials: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<object> {
  const merged = new Map<number, ItemPartial>();
  const shards = new Set<number>();
  const roundings = new Set<string>();
  for await (const bytes of partials) {
    const { shard, rounding, items } = partialOf(bytes);
    if (shards.has(shard)) continue;
    shards.add(shard);
    roundings.add(rounding);
    for (const one of items) {
      const before = merged.get(one.item);
      merged.set(one.item, before === undefined ? one : joinItems(before, one));
    }
  }
  if (shards.size !== plan.ends.length) throw new RangeError(`${shards.size} of ${plan.ends.length} shards are there`);
  const kinds = [...roundings].toSorted();
  const answers = plan.items.map((item, index) => {
    const partial = merged.get(index);
    if (partial === undefined) throw new RangeError(`nothing is known of item ${index}`);
    const answer = located(item.pointer, () => answerOf(item, plan.options, partial, kinds));
    if (!plan.isList) return answer;
    return item.id === undefined ? { status: 200, ...answer } : { id: item.id, status: 200, ...answer };
  });
  return plan.isList ? { items: answers } : answers[0];
}

const ofOperands = /^#\/(input|target|weights)(?=\/|$)/;

/** Has the faults of a step about an item say which. */
function located<T>(pointer: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const faults = error.faults.map((fault) => ({ ...fault, pointer: fault.pointer.replace(ofOperands, `${pointer}/$1`) }));
    throw new RequestError(faults, error.count, error.extra, error.advice);
  }
}
