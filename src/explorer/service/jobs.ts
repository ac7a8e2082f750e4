import type { FamilyAnswer, KlAnswer, Problem } from './answers.ts';
import { keyHeaders, Refusal, refusalOf, unreachable } from './client.ts';

export const jobStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelling', 'cancelled'] as const;

export type JobStatus = (typeof jobStatuses)[number];

type DoneOfTotal = { readonly done: number; readonly total: number };

/** A job as lists and `progress` events have it. */
export type JobSummary = {
  readonly id: string;
  readonly status: JobStatus;
  /** Whether the job is over. */
  readonly done: boolean;
  readonly created_at: string;
  readonly started_at?: string;
  readonly finished_at?: string;
  readonly expires_at?: string;
  readonly progress: {
    readonly shards: DoneOfTotal & { readonly retried: number };
    readonly distributions: DoneOfTotal;
    readonly bytes: DoneOfTotal;
  };
  readonly problem?: Problem;
};

/** The answer about one pair of tensors. */
export type PairAnswer = KlAnswer | FamilyAnswer;

/** The answer about one of many pairs, with what its caller calls it. */
export type ItemAnswer = PairAnswer & { readonly id?: string | number };

export type Job = JobSummary & {
  readonly sources: readonly { readonly uri: string; readonly size: number; readonly etag?: string }[];
  readonly result?: PairAnswer | { readonly items: readonly ItemAnswer[] };
};

export type JobPage = { readonly jobs: readonly JobSummary[]; readonly cursor?: string };

type Sent = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
};

const pathOf = (id: string) => `/v1/jobs/${encodeURIComponent(id)}`;

/** Returns a page of the jobs of this client, the newest first. @throws Refusal */
export function listJobs(filter: { readonly status: string; readonly cursor: string | undefined }, signal: AbortSignal): Promise<JobPage> {
  const query = new URLSearchParams({ limit: '20' });
  if (filter.status !== '') query.set('status', filter.status);
  if (filter.cursor !== undefined) query.set('cursor', filter.cursor);
  return ask<JobPage>(`/v1/jobs?${query}`, { signal });
}

/** @throws Refusal */
export const findJob = (id: string, signal: AbortSignal): Promise<Job> => ask(pathOf(id), { signal });

/** Submits a request as it was typed: what is wrong with it, the service says. @throws Refusal */
export function submitJob(request: string, key: string): Promise<Job> {
  const headers = { 'Content-Type': 'application/json', ...(key === '' ? {} : { 'Idempotency-Key': key }) };
  return ask('/v1/jobs', { method: 'POST', headers, body: request });
}

/** @throws Refusal */
export const cancelJob = (id: string): Promise<Job> => ask(`${pathOf(id)}/cancel`, { method: 'POST' });

/** @throws Refusal */
export const deleteJob = (id: string): Promise<void> => ask(pathOf(id), { method: 'DELETE' });

/** Opens the events of a job, those after `lastId`. @throws Refusal */
export function openEvents(id: string, lastId: string, signal: AbortSignal): Promise<Response> {
  return respond(`${pathOf(id)}/events`, { headers: lastId === '' ? {} : { 'Last-Event-ID': lastId }, signal });
}

async function ask<Answer>(path: string, sent: Sent): Promise<Answer> {
  const response = await respond(path, sent);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

async function respond(path: string, { headers, signal, ...sent }: Sent): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...sent, headers: { ...headers, ...keyHeaders() }, signal: signal ?? null, cache: 'no-store' });
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof TypeError ? new Refusal(unreachable) : error;
  }
  if (!response.ok) throw refusalOf(response.status, await response.text(), response.headers.get('Retry-After'));
  return response;
}
