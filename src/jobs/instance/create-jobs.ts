import { createCaller } from './caller.ts';
import type { JobSettings, Jobs } from './instance.ts';

const program = new URL('./job-thread.ts', import.meta.url);

type Settings = Omit<JobSettings, 'jobs'> & { readonly jobs: JobSettings['jobs'] | 'off' };

/**
 * Begins to take jobs in and to compute them; undefined where no place is named that tensors may come from. All of it happens in a thread,
 * which starts only then: a job may cost a tenth of a second wherever it is read or written, and the event loop passes bytes on.
 * @param report is told of errors outside of any call
 * @param script what the thread runs
 * @throws Error in one line, if the engine cannot be used
 */
export async function createJobs(settings: Settings, report: (error: unknown) => void, script = program): Promise<Jobs | undefined> {
  const { jobs, jobsDir, jobsRedisUrl, jobWorkers, jobRetentionSeconds, sources, version } = settings;
  if (jobs === 'off' || sources.prefixes.length === 0) return undefined;
  // what else the service is set to may be no message
  const { ask, stop, close } = await createCaller(
    script,
    { jobs, jobsDir, jobsRedisUrl, jobWorkers, jobRetentionSeconds, sources, version },
    report,
  );
  return {
    service: {
      // a copy, as its memory moves to the thread
      submit: (body, asker, signal) => ask('submit', [new Uint8Array(body), asker], { signal }),
      find: (...args) => ask('find', args),
      list: (...args) => ask('list', args),
      cancel: (...args) => ask('cancel', args),
      remove: (...args) => ask('remove', args),
      watch: (id, client, tell) => {
        const end = new AbortController();
        ask('watch', [id, client], { signal: end.signal, tell }).catch(() => {});
        return () => end.abort();
      },
    },
    load: () => ask('load', []),
    stop: () => stop().catch(report),
    close,
  };
}
