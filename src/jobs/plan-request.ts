import { together } from '../errors/fault-list.ts';
import { RequestError } from '../errors/request-error.ts';
import { type DescribeTensor, tensorDescriber } from '../sources/describe-tensor.ts';
import { inParallel } from '../sources/in-parallel.ts';
import type { Access } from '../sources/source.ts';
import { refuseOperand, SourceFault } from '../sources/source-fault.ts';
import type { Sources } from '../sources/sources.ts';
import type { StoredOperand, StoredTensor } from '../sources/stored-tensor.ts';
import type { JobItem, JobRequest } from './job-request.ts';
import type { DescribedItem } from './shards/job-plan.ts';
import { type Planned, planJob } from './shards/plan.ts';
import { fileOfShard } from './shards/write-divergences.ts';

/** How many pairs are looked at at the same time. */
const mostAtOnce = 8;

/**
 * Opens every source of a request, and divides the job into shards.
 * @throws RequestError for everything that can be refused before a shard runs, of all pairs and both sides together
 */
export async function planRequest(sources: Sources, { items, ...request }: JobRequest, access: Access): Promise<Planned> {
  const { output } = request;
  const unwritable =
    output === undefined
      ? undefined
      : await orRefusal('#/output/per_distribution', () => sources.checkWritable(fileOfShard(output, 0, 1), access.client));
  const describeTensor = tensorDescriber(sources, access);
  const outcomes = await inParallel(items, mostAtOnce, (item) => describeItem(describeTensor, item));
  const described = outcomes.filter((outcome): outcome is DescribedItem => !(outcome instanceof RequestError));
  if (described.length < items.length || unwritable instanceof RequestError) throw together(unwritable, ...outcomes);
  return planJob({ ...request, client: access.client, items: described });
}

async function describeItem(describeTensor: DescribeTensor, item: JobItem): Promise<DescribedItem | RequestError> {
  const { id, pointer } = item;
  const describeOperand = (operand: StoredOperand, at: string) => orRefusal(at, () => describeTensor(operand));
  const describe = (name: 'input' | 'target' | 'weights') =>
    item[name] === undefined ? undefined : describeOperand(item[name], `${pointer}/${name}`);
  const [input, target, weights] = await Promise.all([describe('input'), describe('target'), describe('weights')]);
  if (!isFound(input) || !isFound(target) || weights instanceof RequestError) return together(input, target, weights);
  return { id, pointer, input, target, weights };
}

/** What a step finds, or what is wrong with what stands at the pointer. */
async function orRefusal<T>(pointer: string, step: () => Promise<T>): Promise<T | RequestError> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof SourceFault) return refuseOperand(error, pointer);
    throw error;
  }
}

function isFound(outcome: StoredTensor | RequestError | undefined): outcome is StoredTensor {
  return outcome !== undefined && !(outcome instanceof RequestError);
}
