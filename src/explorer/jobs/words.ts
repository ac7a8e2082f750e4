import { grouped } from '../pictures/numbers.ts';
import type { JobStatus, JobSummary, PairAnswer } from '../service/jobs.ts';

/** What each status means to who waits for the job. */
export const statusWords: Readonly<Record<JobStatus, string>> = {
  queued: 'Waiting for a worker',
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelling: 'Being cancelled',
  cancelled: 'Cancelled',
};

const byteUnits = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** A number of bytes in the unit that has one to three digits before the point: `1.24 GB`. */
export function bytesInWords(bytes: number): string {
  const [digits, exponent] = bytes.toExponential(2).split('e').map(Number);
  const power = Math.max(0, Math.min(byteUnits.length - 1, Math.floor(exponent / 3)));
  return `${power === 0 ? bytes : Number((digits * 10 ** (exponent - 3 * power)).toPrecision(3))} ${byteUnits[power]}`;
}

/** What a progress bar says, each part with how much of it is done. */
export function progressParts({ progress: { shards, distributions, bytes } }: JobSummary) {
  return [
    { name: 'shards', ...shards, words: `${grouped(shards.done)} of ${grouped(shards.total)} shards` },
    { name: 'distributions', ...distributions, words: `${grouped(distributions.done)} of ${grouped(distributions.total)} distributions` },
    { name: 'bytes', ...bytes, words: `${bytesInWords(bytes.done)} of ${bytesInWords(bytes.total)}` },
  ] as const;
}

/** How many attempts there were after the first of each shard; nothing where there was none. */
export function retriedInWords({ progress: { shards } }: JobSummary): string {
  return shards.retried === 0 ? '' : `${grouped(shards.retried)} ${shards.retried === 1 ? 'retry' : 'retries'}`;
}

/** How long something took: `3 min 12 s`. */
export function durationInWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 1) return 'less than 1 s';
  const parts = [
    { unit: 'd', value: Math.floor(seconds / 86_400) },
    { unit: 'h', value: Math.floor(seconds / 3600) % 24 },
    { unit: 'min', value: Math.floor(seconds / 60) % 60 },
    { unit: 's', value: seconds % 60 },
  ];
  const first = parts.findIndex(({ value }) => value > 0);
  return parts
    .slice(first, first + 2)
    .filter(({ value }) => value > 0)
    .map(({ unit, value }) => `${value} ${unit}`)
    .join(' ');
}

/** A time where the visitor is. */
export function timeInWords(time: string): string {
  return new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}

/** Whether the answer of a job tells of weights, which the job reads from its files; undefined where there may be some. */
export function hasWeights(answer: PairAnswer): true | undefined {
  const { divisors, distributions } = answer;
  const { statistics } = 'divergences' in answer ? Object.values(answer.divergences)[0] : answer;
  const counts = [divisors.distribution_mean ?? distributions, statistics?.count ?? distributions];
  return counts.some((count) => count !== distributions) || undefined;
}

/** What the mean over all distributions is. */
export function meanInWords(answer: PairAnswer): string {
  return hasWeights(answer) ? 'weighted mean' : 'mean (weighted if there are weights)';
}
