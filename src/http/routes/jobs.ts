import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';
import type { JobRecord, JobStatus } from '../../jobs/engine.ts';
import type { JobService } from '../../jobs/job-service.ts';
import { job, jobEvents, jobList, jobRequest, jobStatuses } from '../../schema/jobs.ts';
import { readJson } from '../body/read-json.ts';
import type { Drain } from '../connection/drain.ts';
import { goneSignal } from '../connection/on-close.ts';
import { idempotencyKeyOf } from '../headers/idempotency-key.ts';
import { preferredWaitMs } from '../headers/prefer.ts';
import { clientOf } from '../hooks/authentication.ts';
import { bodyOf } from '../hooks/content-type.ts';
import { isOver, jobAnswer, jobSummary } from '../job-answer.ts';
import { sendJobEvents } from '../job-events.ts';
import { bodyProblems, problemResponse } from '../openapi/problem-responses.ts';

/** The body of a job holds names, not tensors. */
const maxBodyBytes = 2 ** 22;

/** Jobs on a page. */
const pageSize = { standard: 50, most: 200 };

/** Seconds after which a client may look at a job again. */
const retryAfter = 2;

type Handler = (jobs: JobService, request: FastifyRequest, reply: FastifyReply) => unknown;

const tags = ['Jobs'];

const idParameter = z.object({ id: z.string() });

const jobResponse = (description: string) => ({ description, content: { 'application/json': { schema: job } } });

const unknownJob = problemResponse('This client has no such job, or jobs are turned off.');

const queueAway = problemResponse('The queue of jobs is out of reach. Send the request again after the seconds in `Retry-After`.');

/** Registers jobs over stored tensors. Without a service, each of their routes refuses. */
export function registerJobs(app: FastifyInstance, jobs: JobService | undefined, drain: Drain): void {
  const handle = (handler: Handler) => async (request: FastifyRequest, reply: FastifyReply) => {
    if (jobs === undefined)
      throw refuse('JOBS_DISABLED', '#', 'this instance runs no jobs: JOB_SOURCES names no place that tensors may come from');
    return handler(jobs, request, reply);
  };
  registerSubmit(app, handle(submit));
  registerList(app, handle(list));
  app.route({
    method: 'GET',
    url: '/v1/jobs/:id',
    schema: {
      operationId: 'job',
      tags,
      summary: 'A job: its state, its progress and its result',
      params: idParameter,
      response: {
        200: jobResponse('The job.'),
        404: unknownJob,
        405: problemResponse('The path supports only GET and DELETE.'),
        503: queueAway,
      },
    },
    handler: handle(async (service, request, reply) => {
      const record = await recordOf(service, request);
      if (!isOver(record)) reply.header('retry-after', retryAfter);
      return jobAnswer(record);
    }),
  });
  app.route({
    method: 'DELETE',
    url: '/v1/jobs/:id',
    schema: {
      operationId: 'deleteJob',
      tags,
      summary: 'Forget a job that is over',
      params: idParameter,
      response: {
        204: { description: 'The job and its result are gone.' },
        404: unknownJob,
        405: problemResponse('The path supports only GET and DELETE.'),
        409: problemResponse('The job is not over: cancel it first.'),
        503: queueAway,
      },
    },
    handler: handle(remove),
  });
  app.route({
    method: 'GET',
    url: '/v1/jobs/:id/events',
    schema: {
      operationId: 'jobEvents',
      tags,
      summary: 'What becomes of a job, as it happens',
      description:
        'Server-sent events: `progress` at most once a second, and `done` with the whole job at its end. Send the id of the last event as `Last-Event-ID` to go on.',
      params: idParameter,
      response: {
        200: { description: 'Events, until the job is over.', content: { 'text/event-stream': { schema: jobEvents } } },
        404: unknownJob,
        405: problemResponse('The path supports only GET.'),
        503: queueAway,
      },
    },
    handler: handle(async (service, request, reply) => {
      const record = await recordOf(service, request);
      const lastId = [request.headers['last-event-id']].flat()[0];
      sendJobEvents(reply, { jobs: service, record, lastId }, drain);
      return reply;
    }),
  });
  app.route({
    method: 'POST',
    url: '/v1/jobs/:id/cancel',
    schema: {
      operationId: 'cancelJob',
      tags,
      summary: 'Cancel a job',
      description: 'Shards that wait are dropped, and those that run stop. A job that is over stays as it is.',
      params: idParameter,
      response: {
        202: jobResponse('The job, which is cancelled or about to be.'),
        404: unknownJob,
        405: problemResponse('The path supports only POST.'),
        503: queueAway,
      },
    },
    handler: handle(async (service, request, reply) => {
      const record = await service.cancel(idOf(request), clientOf(request));
      if (record === undefined) throw unknown(request);
      return reply.code(202).send(jobAnswer(record));
    }),
  });
}

function registerSubmit(app: FastifyInstance, handler: (request: FastifyRequest, reply: FastifyReply) => unknown): void {
  app.route({
    method: 'POST',
    url: '/v1/jobs',
    schema: {
      operationId: 'submitJob',
      tags,
      summary: 'Compare tensors that are stored elsewhere',
      description:
        'What does not fit into a request becomes a job: it reads its tensors from files, computes them in shards, and merges these exactly. ' +
        'The answer does not depend on how many shards or workers there are. The request is checked, and its files are opened, before it is accepted. ' +
        'With an `Idempotency-Key` the same request is one job, however often it is sent.',
      headers: z.object({
        'idempotency-key': z
          .string()
          .optional()
          .meta({ description: 'A text of the client. With it, a request that is sent twice is one job.' }),
        prefer: z.string().optional().meta({ description: '`wait=10` waits for the end of the job, 10 seconds at the most.' }),
      }),
      body: jobRequest,
      response: {
        200: jobResponse('The job, which is over already.'),
        202: jobResponse('The job. `Location` is its address, `Retry-After` says when to look again.'),
        ...bodyProblems,
        403: problemResponse('The operator does not allow one of the files, or it does not exist.'),
        404: problemResponse('Jobs are turned off.'),
        405: problemResponse('The path supports only GET and POST.'),
        502: problemResponse('A place where tensors are stored does not answer as it should.'),
      },
    },
    config: { formats: ['json'] },
    handler,
  });
}

function registerList(app: FastifyInstance, handler: (request: FastifyRequest, reply: FastifyReply) => unknown): void {
  app.route({
    method: 'GET',
    url: '/v1/jobs',
    schema: {
      operationId: 'jobs',
      tags,
      summary: 'The jobs of this client, the newest first',
      querystring: z.object({
        status: z.enum(jobStatuses).optional(),
        cursor: z.string().optional().meta({ description: 'That of the page before.' }),
        limit: z.int().min(1).max(pageSize.most).default(pageSize.standard),
      }),
      response: {
        200: { description: 'A page of jobs.', content: { 'application/json': { schema: jobList } } },
        404: problemResponse('Jobs are turned off.'),
        405: problemResponse('The path supports only GET and POST.'),
        422: problemResponse('A value of the query is invalid.'),
        503: queueAway,
      },
    },
    handler,
  });
}

const submit: Handler = async (jobs, request, reply) => {
  const key = idempotencyKeyOf(request);
  const { payload } = bodyOf(request);
  const body = await readJson(payload, request.query as Record<string, string>, maxBodyBytes);
  const gone = goneSignal(reply);
  const submitted = await jobs.submit(body, { client: clientOf(request), key, signal: gone });
  const waitMs = preferredWaitMs(request);
  const record = waitMs === 0 || isOver(submitted) ? submitted : await atEnd(jobs, submitted, waitMs, gone);
  if (waitMs > 0) reply.header('preference-applied', `wait=${waitMs / 1000}`);
  reply.header('location', `/v1/jobs/${record.id}`);
  if (!isOver(record)) reply.header('retry-after', retryAfter);
  return reply.code(isOver(record) ? 200 : 202).send(jobAnswer(record));
};

/** The job when it is over, or as it is after so many ms. */
function atEnd({ watch }: JobService, record: JobRecord, ms: number, gone: AbortSignal): Promise<JobRecord> {
  return new Promise((resolve) => {
    let last = record;
    const stopWatching = watch(record.id, record.client, (changed) => {
      last = changed;
      if (isOver(changed)) settle();
    });
    const timer = setTimeout(settle, ms);
    gone.addEventListener('abort', settle, { once: true });
    function settle(): void {
      clearTimeout(timer);
      stopWatching();
      resolve(last);
    }
  });
}

const remove: Handler = async (jobs, request, reply) => {
  const outcome = await jobs.remove(idOf(request), clientOf(request));
  if (outcome === 'not_found') throw unknown(request);
  if (outcome === 'not_over') throw refuse('JOB_NOT_OVER', '#', `the job ${idOf(request)} is not over`);
  return reply.code(204).send();
};

const list: Handler = async (jobs, request) => {
  const { status, cursor, limit } = pageOf(request.query as Record<string, unknown>);
  const page = await jobs.list(clientOf(request), { status, cursor, limit });
  return { jobs: page.jobs.map(jobSummary), ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
};

/** @throws RequestError UNKNOWN_FIELD, INVALID_VALUE */
function pageOf(query: Readonly<Record<string, unknown>>) {
  const known = ['status', 'cursor', 'limit'];
  const stranger = Object.keys(query).find((name) => !known.includes(name));
  if (stranger !== undefined)
    throw refuse('UNKNOWN_FIELD', `#/${stranger}`, `there is no parameter ${quote(stranger)}; the parameters are ${known.join(', ')}`);
  const { status, cursor, limit = String(pageSize.standard) } = query;
  if (status !== undefined && !jobStatuses.includes(status as JobStatus))
    throw refuse('INVALID_VALUE', '#/status', `expected one of ${jobStatuses.join(', ')}`);
  if (cursor !== undefined && typeof cursor !== 'string')
    throw refuse('INVALID_VALUE', '#/cursor', 'expected one cursor, that of the page before');
  if (typeof limit !== 'string' || !/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > pageSize.most) {
    throw refuse('INVALID_VALUE', '#/limit', `expected an integer from 1 to ${pageSize.most}`);
  }
  return { status: status as JobStatus | undefined, cursor, limit: Number(limit) };
}

/** @throws RequestError JOB_NOT_FOUND, for the jobs of others too */
async function recordOf(jobs: JobService, request: FastifyRequest): Promise<JobRecord> {
  const record = await jobs.find(idOf(request), clientOf(request));
  if (record === undefined) throw unknown(request);
  return record;
}

function idOf({ params }: FastifyRequest): string {
  return (params as { id: string }).id;
}

function unknown(request: FastifyRequest) {
  return refuse('JOB_NOT_FOUND', '#', `this client has no job ${quote(idOf(request))}`);
}
