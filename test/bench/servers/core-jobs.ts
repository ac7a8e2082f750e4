import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { parseJobRequest } from '../../../src/jobs/job-request.ts';
import { planRequest } from '../../../src/jobs/plan-request.ts';
import { createShardThreads } from '../../../src/jobs/shards/shard-threads.ts';
import { defaultLimits } from '../../../src/sources/source-settings.ts';
import { createSources } from '../../../src/sources/sources.ts';

// `core-jobs.ts FOLDER THREADS` computes the job over FOLDER/target.safetensors and input.safetensors once for every line, without a queue
const [folder, count] = process.argv.slice(2);
const uriOf = (name: string) => ({ uri: pathToFileURL(`${folder}/${name}.safetensors`).href });
const settings = { prefixes: [pathToFileURL(`${folder}/`).href], outputs: [], privateNetworks: [], limits: defaultLimits };
const sources = createSources(settings);
const threads = createShardThreads(Number(count), settings);
const { signal } = new AbortController();
const request = parseJobRequest({ input: uriOf('input'), target: uriOf('target'), reduction: 'distribution_mean', statistics: true });

async function compute(): Promise<number> {
  const { plan, shards } = await planRequest(sources, request, { client: 'bench', signal });
  const partials = await Promise.all(shards.map((_, shard) => threads.shard(plan, shard, signal)));
  const answer = JSON.parse(await threads.merge(plan, partials, signal)) as { results: { distribution_mean: number } };
  return answer.results.distribution_mean;
}

for await (const _ of createInterface({ input: process.stdin })) {
  const begin = performance.now();
  const value = await compute();
  process.stdout.write(`${performance.now() - begin} ${value}\n`);
}
await threads.close();
