import type { JobEngine } from '../../engine.ts';
import { clientSide } from '../job-store.ts';
import { reporter } from '../reporter.ts';
import { ask, connect, disconnect } from './connection.ts';
import { createFlows } from './flows.ts';
import { jobHashes } from './job-hashes.ts';
import { clientKey, jobKeys } from './keys.ts';
import { scriptRunner } from './scripts.ts';
import { type BullmqWork, startWork } from './work.ts';

type BullmqOptions = {
  /** A Redis or Valkey with `appendonly yes` and `maxmemory-policy noeviction`. */
  readonly url: string;
  /** How long a job is kept when it is over. */
  readonly retentionMs: number;
  /** Is told of errors outside of any call, each once a minute. */
  readonly report: (error: Error) => void;
  readonly timesMs?: Partial<typeof defaultTimesMs>;
};

/**
 * A lock that is not renewed is over after `lease`; the first retry waits `backoff`; `start` and `command` are those of the connections.
 */
const defaultTimesMs = { lease: 15_000, backoff: 1_000, start: 5_000, command: 5_000 };

/**
 * An engine on BullMQ, for all instances on one Redis. The plan, without what is secret, lies there in clear text.
 * @throws EngineUnavailable if Redis cannot be reached; Error in one line, if it might lose jobs
 */
export async function createBullmqEngine({ url, retentionMs, report: reportTo, timesMs }: BullmqOptions): Promise<JobEngine> {
  const times = { ...defaultTimesMs, ...timesMs };
  const report = reporter('the Redis of the jobs', reportTo);
  const bullmq = await import('bullmq');
  const connections = await connect(url, times, report);
  const { asking, working, listening } = connections;
  const script = scriptRunner(asking, retentionMs);
  const hashes = jobHashes(asking, script);
  const flows = createFlows(bullmq, asking, report);
  const flowsAtWork = createFlows(bullmq, working, report);
  let work: BullmqWork | undefined;

  /** Queues what is not queued yet of a job: its submission may have broken off. */
  async function queueRest(id: string): Promise<void> {
    const rest = await hashes.unqueued(id);
    if (rest === undefined) return;
    await flows.add(rest);
    await script('queued', id, jobKeys(id), [rest.run]);
  }

  const clients = clientSide({
    insert: (job, text) =>
      ask(async () => {
        await hashes.insert(job, text);
        await queueRest(job.id);
      }),
    read: (id) =>
      ask(async () => {
        const record = await hashes.read(id);
        // a client that submits with its key again finds the job, and the service does not plan it twice
        if (record?.status === 'queued') await queueRest(id);
        return record;
      }),
    readState: (id) => ask(() => hashes.readState(id)),
    isOver: (id) => ask(() => hashes.isOver(id)),
    page: (client, page) => ask(() => hashes.page(client, page)),
    cancel: (id) =>
      ask(async () => {
        const run = await hashes.runOf(id);
        await script('cancel', id, jobKeys(id));
        if (run) await flows.remove({ id, ...run });
      }),
    delete: (id, client) => ask(async () => void (await script('delete', id, [...jobKeys(id), clientKey(client)]))),
    subscribe: (changed) => {
      listening.on('message', (_channel, message) => {
        const [id] = message.split(' ');
        changed(id);
        work?.look(id).catch(report);
      });
      listening.on('ready', () => changed());
    },
  });

  async function stop(): Promise<void> {
    await work?.stop();
    work = undefined;
  }

  return {
    ...clients,
    load: (version) => ask(() => flows.load(version)),
    work(worker) {
      const atWork = { redis: working, flows: flowsAtWork, script: scriptRunner(working, retentionMs) };
      work = startWork(bullmq, worker, { ...atWork, leaseMs: times.lease, backoffMs: times.backoff, report });
    },
    stop,
    async close() {
      await stop();
      await clients.close();
      await Promise.all([flows.close(), flowsAtWork.close()]).catch(report);
      disconnect(connections);
    },
  };
}
