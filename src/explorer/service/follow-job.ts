import { Refusal } from './client.ts';
import { createEventReader } from './event-stream.ts';
import { findJob, type Job, type JobSummary, openEvents } from './jobs.ts';
import { pause } from './pause.ts';

/** The statuses of a service that is away for now: none came, or it, or what stands before it, says so. */
const away = [0, 502, 503, 504];

/**
 * Calls `onJob` with a job as it is, and with each of its states until it is over. A stream that ends before is opened again.
 * @throws Refusal of the first answer, and when the service refuses to go on
 */
export async function followJob(
  id: string,
  { signal, onJob }: { readonly signal: AbortSignal; readonly onJob: (job: Job) => void },
): Promise<void> {
  let job = await findJob(id, signal);
  onJob(job);
  let lastId = '';
  while (!job.done) {
    const reader = createEventReader();
    try {
      const { body } = await openEvents(id, lastId, signal);
      for await (const text of textsOf(body)) {
        for (const event of reader.take(text)) {
          lastId = event.id;
          // `done` has the whole job, `progress` what changes of it
          job = { ...job, ...(JSON.parse(event.data) as Job | JobSummary) };
          onJob(job);
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      const isAway = error instanceof Refusal ? away.includes(error.problem.status) : error instanceof TypeError;
      if (!isAway) throw error;
    }
    if (!job.done) await pause(reader.retryMs(), signal);
  }
}

async function* textsOf(body: ReadableStream<Uint8Array<ArrayBuffer>> | null): AsyncGenerator<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || value === undefined) return;
    yield value;
  }
}
