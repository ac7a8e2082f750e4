import { sideNames } from '../../core/comparison.ts';
import { type KindName, kindNames } from '../../core/kinds.ts';
import { reductions } from '../../core/reductions.ts';
import { attempt } from '../../errors/fault-list.ts';
import { type Fault, RequestError } from '../../errors/request-error.ts';
import type { Options } from '../../schema/parse-request.ts';
import { dtypes } from '../../tensor/dtypes.ts';
import type { DescribedItem, JobPlan, PlannedItem, PlannedOptions } from './job-plan.ts';
import { planItem } from './plan-item.ts';

/** A request whose options have been checked, and whose tensors have been found. */
type DescribedJob = {
  readonly client: string;
  readonly options: Options;
  readonly isList: boolean;
  readonly items: readonly DescribedItem[];
  readonly output?: string | undefined;
};

/** A plan, and how much each of its shards is. */
export type Planned = { readonly plan: JobPlan; readonly shards: readonly { readonly distributions: number; readonly bytes: number }[] };

/** Bytes of both sides that a shard reads: some tenths of a second of work, which is lost where a worker is. */
const shardBytes = 2 ** 26;

/** Flows of more children are not tried. */
const mostShards = 3000;

/**
 * Divides a job into shards. No distribution is divided, and nothing is read.
 * @throws RequestError for everything that can be refused before a shard runs
 */
export function planJob({ client, options, isList, items, output }: DescribedJob, atMost = mostShards, bytes = shardBytes): Planned {
  const planned = plannedOptions(options);
  const outcomes = items.map((item) => attempt(() => planItem(item, options)));
  const errors = outcomes.filter((outcome) => outcome instanceof RequestError);
  if (errors.length > 0)
    throw new RequestError(
      errors.flatMap(({ faults }) => faults),
      errors.reduce((sum, { count }) => sum + count, 0),
    );
  const plannedItems = outcomes.filter((outcome): outcome is PlannedItem => !(outcome instanceof RequestError));
  const kept = keepsRows(plannedItems, options);
  const ofItems = plannedItems.map((item) => ({ ...item, keepsRows: kept }));
  const shards = cut(ofItems, atMost, bytes);
  const ends = shards.map(({ end }) => end);
  return {
    plan: { client, options: planned, isList, items: ofItems, ends, ...(output === undefined ? {} : { output }) },
    shards: shards.map(({ distributions, bytes }) => ({ distributions, bytes })),
  };
}

/** @throws RequestError INVALID_VALUE for options that a job has no answer to */
function plannedOptions(options: Options): PlannedOptions {
  const { temperature, pseudocount, base, reduction, statistics, strict, divergences } = options;
  const faults: Fault[] = [];
  for (const name of sideNames) {
    const kind = options[`${name}_kind`];
    if (!isDense(kind))
      faults.push({ pointer: `#/${name}_kind`, code: 'INVALID_VALUE', detail: `a job compares ${kindNames.join(', ')}, not ${kind}` });
  }
  const tensors = [reduction ?? []].flat().filter((name) => name === 'all' || 'tensor' in reductions[name]);
  if (tensors.length > 0) {
    const detail = `${tensors.join(', ')} holds numbers of single distributions: a job writes these to "output": {"per_distribution": "…"}`;
    faults.push({ pointer: '#/reduction', code: 'INVALID_VALUE', detail });
  }
  if (faults.length > 0) throw new RequestError(faults);
  const { input_kind, target_kind } = options as { input_kind: KindName; target_kind: KindName };
  const given = { input_kind, target_kind, temperature, pseudocount, base, reduction, statistics, strict, divergences };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as PlannedOptions;
}

function isDense(kind: string): kind is KindName {
  return (kindNames as readonly string[]).includes(kind);
}

/** So many distributions have exact quantiles, and so many numbers of 8 bytes are kept of a job. */
const mostKept = { distributions: 2 ** 20, numbers: 6 * 2 ** 20 };

function keepsRows(items: readonly PlannedItem[], { statistics, divergences }: Options): boolean {
  if (statistics === undefined || statistics === false) return false;
  const distributions = items.reduce((sum, item) => sum + item.distributions, 0);
  const columns = new Set(divergences ?? ['kl']).size + (items.some(({ weights }) => weights !== undefined) ? 1 : 0);
  return distributions <= mostKept.distributions && distributions * columns <= mostKept.numbers;
}

type Shard = { readonly end: number; readonly distributions: number; readonly bytes: number };

/** Cuts the distributions of all items into shards of about so many bytes, or of as many more as make them few enough. */
function cut(items: readonly PlannedItem[], atMost: number, bytes: number): Shard[] {
  for (let size = bytes; ; size *= 2) {
    const shards = shardsOf(items, size);
    if (shards.length <= atMost) return shards;
  }
}

function shardsOf(items: readonly PlannedItem[], size: number): Shard[] {
  const shards: Shard[] = [];
  let [end, distributions, bytes] = [0, 0, 0];
  const close = () => {
    if (distributions > 0) shards.push({ end, distributions, bytes });
    [distributions, bytes] = [0, 0];
  };
  for (const item of items) {
    const each = bytesOfDistribution(item);
    for (let left = item.distributions; left > 0; ) {
      const room = Math.floor((size - bytes) / each);
      if (room === 0 && distributions > 0) {
        close();
        continue;
      }
      const taken = Math.min(left, Math.max(1, room));
      end += taken;
      distributions += taken;
      bytes += taken * each;
      left -= taken;
    }
  }
  close();
  return shards;
}

/** Of both sides together. */
function bytesOfDistribution({ outcomes, input, target }: Pick<PlannedItem, 'outcomes' | 'input' | 'target'>): number {
  return outcomes * (dtypes[input.dtype].size + dtypes[target.dtype].size);
}
