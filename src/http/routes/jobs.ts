import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../../errors/request-error.ts';
import { appendPointer, describeValue, quote } from '../../errors/wording.ts';
import { refuseQuery } from '../../formats/json/read-request.ts';
import type { JobStatus } from '../../jobs/engine.ts';
import type { JobView } from '../../jobs/job-answer.ts';
import type { JobService } from '../../jobs/job-service.ts';
import { jobStatuses, pageSize } from '../../schema/jobs.ts';
import { readBytes } from '../body/read-bytes.ts';
import type { Drain } from '../connection/drain.ts';
import { goneSignal, refuseGone } from '../connection/on-close.ts';
import { idempotencyKeyOf } from '../headers/idempotency-key.ts';
import { preferredWaitMs } from '../headers/prefer.ts';
import { clientOf } from '../hooks/authentication.ts';
import { bodyOf } from '../hooks/content-type.ts';
import { sendJobEvents } from '../job-events.ts';
import { jobOperations } from '../openapi/job-operations.ts';

/** The body of a job holds names, not tensors. */
const maxBodyBytes = 2 ** 22;

/** Seconds after which a client may look at a job again. */
const retryAfter = 2;

type Handler = (jobs: JobService, request: FastifyRequest, reply: FastifyReply) => unknown;

/** Registers jobs over stored tensors. Without a service, each of their routes refuses. */
export function registerJobs(app: FastifyInstance, jobs: JobService | undefined, drain: Drain): void {
  const handle = (handler: Handler) => async (request: FastifyRequest, reply: FastifyReply) => {
    if (jobs === undefined) throw refuse('JOBS_DISABLED', '#', 'this instance runs no jobs: JOB_SOURCES is not set, or JOBS is off');
    return handler(jobs, request, reply);
  };
  const operations = jobOperations();
  app.route({ method: 'POST', url: '/v1/jobs', schema: operations.submitJob, config: { formats: ['json'] }, handler: handle(submit) });
  app.route({ method: 'GET', url: '/v1/jobs', schema: operations.jobs, handler: handle(list) });
  app.route({ method: 'GET', url: '/v1/jobs/:id', schema: operations.job, handler: handle(show) });
  app.route({ method: 'DELETE', url: '/v1/jobs/:id', schema: operations.deleteJob, handler: handle(remove) });
  app.route({ method: 'POST', url: '/v1/jobs/:id/cancel', schema: operations.cancelJob, handler: handle(cancel) });
  app.route({
    method: 'GET',
    url: '/v1/jobs/:id/events',
    schema: operations.jobEvents,
    handler: handle(async (service, request, reply) => {
      const { id } = await viewOf(service, request);
      const lastId = [request.headers['last-event-id']].flat()[0];
      sendJobEvents(reply, { jobs: service, id, client: clientOf(request), lastId }, drain);
      return reply;
    }),
  });
}

const submit: Handler = async (jobs, request, reply) => {
  const key = idempotencyKeyOf(request);
  const { payload } = bodyOf(request);
  refuseGone(reply);
  refuseQuery(request.query as Record<string, string>);
  const body = await readBytes(payload, maxBodyBytes);
  const waitMs = preferredWaitMs(request);
  const view = await jobs.submit(body, { client: clientOf(request), key, waitMs }, goneSignal(reply));
  if (waitMs > 0) reply.header('preference-applied', `wait=${waitMs / 1000}`);
  reply.header('location', `/v1/jobs/${view.id}`);
  return sendView(reply.code(view.isOver ? 200 : 202), view);
};

const show: Handler = async (jobs, request, reply) => sendView(reply, await viewOf(jobs, request));

const cancel: Handler = async (jobs, request, reply) => {
  const view = await jobs.cancel(idOf(request), clientOf(request));
  if (view === undefined) throw unknown(request);
  return sendJson(reply.code(202), view.body);
};

/** Sends a job, and when to look again where it is not over. */
function sendView(reply: FastifyReply, { isOver, body }: JobView): FastifyReply {
  if (!isOver) reply.header('retry-after', retryAfter);
  return sendJson(reply, body);
}

function sendJson(reply: FastifyReply, { buffer, byteOffset, byteLength }: Uint8Array): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(Buffer.from(buffer, byteOffset, byteLength));
}

const remove: Handler = async (jobs, request, reply) => {
  const outcome = await jobs.remove(idOf(request), clientOf(request));
  if (outcome === 'not_found') throw unknown(request);
  if (outcome === 'not_over') throw refuse('JOB_NOT_OVER', '#', `the job ${idOf(request)} is not over`);
  return reply.code(204).send();
};

const list: Handler = async (jobs, request, reply) =>
  sendJson(reply, await jobs.list(clientOf(request), pageOf(request.query as Record<string, unknown>)));

/** @throws RequestError UNKNOWN_FIELD, INVALID_VALUE */
function pageOf(query: Readonly<Record<string, unknown>>) {
  const known = ['status', 'cursor', 'limit'];
  const stranger = Object.keys(query).find((name) => !known.includes(name));
  if (stranger !== undefined)
    throw refuse(
      'UNKNOWN_FIELD',
      appendPointer('#', stranger),
      `there is no parameter ${quote(stranger)}; the parameters are ${known.join(', ')}`,
    );
  const { status, cursor, limit = String(pageSize.standard) } = query;
  if (status !== undefined && !jobStatuses.includes(status as JobStatus))
    throw refuse('INVALID_VALUE', '#/status', `expected one of ${jobStatuses.join(', ')}, got ${describeValue(status)}`);
  if (cursor !== undefined && typeof cursor !== 'string')
    throw refuse('INVALID_VALUE', '#/cursor', `expected one cursor, that of the page before, got ${describeValue(cursor)}`);
  if (typeof limit !== 'string' || !/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > pageSize.most) {
    throw refuse('INVALID_VALUE', '#/limit', `expected an integer from 1 to ${pageSize.most}, got ${describeValue(limit)}`);
  }
  return { status: status as JobStatus | undefined, cursor, limit: Number(limit) };
}

/** @throws RequestError JOB_NOT_FOUND, for the jobs of others too */
async function viewOf(jobs: JobService, request: FastifyRequest): Promise<JobView> {
  const view = await jobs.find(idOf(request), clientOf(request));
  if (view === undefined) throw unknown(request);
  return view;
}

function idOf({ params }: FastifyRequest): string {
  return (params as { id: string }).id;
}

function unknown(request: FastifyRequest) {
  return refuse('JOB_NOT_FOUND', '#', `this client has no job ${quote(idOf(request))}`);
}
