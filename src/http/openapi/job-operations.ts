import { job, jobEvents, jobHeaders, jobList, jobPage, jobPath, jobRequest } from '../../schema/jobs.ts';
import { bodyProblems, problemResponse } from './problem-responses.ts';

const tags = ['Jobs'];

const jobResponse = (description: string) => ({ description, content: { 'application/json': { schema: job } } });

const unknownJob = problemResponse('This client has no such job, or jobs are turned off.');

const queueAway = problemResponse('The queue of jobs is out of reach. Send the request again after the seconds in `Retry-After`.');

/** What the document says of each operation on jobs. New for each app: fastify-zod-openapi fills in what a schema refers to once. */
export const jobOperations = () => ({
  job: {
    operationId: 'job',
    tags,
    summary: 'A job: its state, its progress and its result',
    params: jobPath,
    response: {
      200: jobResponse('The job.'),
      404: unknownJob,
      405: problemResponse('The path supports only GET and DELETE.'),
      503: queueAway,
    },
  },
  deleteJob: {
    operationId: 'deleteJob',
    tags,
    summary: 'Forget a job that is over',
    params: jobPath,
    response: {
      204: { description: 'The job and its result are gone.' },
      404: unknownJob,
      405: problemResponse('The path supports only GET and DELETE.'),
      409: problemResponse('The job is not over: cancel it first.'),
      503: queueAway,
    },
  },
  jobEvents: {
    operationId: 'jobEvents',
    tags,
    summary: 'What becomes of a job, as it happens',
    description:
      'Server-sent events: `progress` at most once a second, and `done` with the whole job at its end. Send the id of the last event as `Last-Event-ID` to go on.',
    params: jobPath,
    response: {
      200: { description: 'Events, until the job is over.', content: { 'text/event-stream': { schema: jobEvents } } },
      404: unknownJob,
      405: problemResponse('The path supports only GET.'),
      503: queueAway,
    },
  },
  cancelJob: {
    operationId: 'cancelJob',
    tags,
    summary: 'Cancel a job',
    description: 'Shards that wait are dropped, and those that run stop. A job that is over stays as it is.',
    params: jobPath,
    response: {
      202: jobResponse('The job, which is cancelled or about to be.'),
      404: unknownJob,
      405: problemResponse('The path supports only POST.'),
      503: queueAway,
    },
  },
  submitJob: {
    operationId: 'submitJob',
    tags,
    summary: 'Compare tensors that are stored elsewhere',
    description:
      'What does not fit into a request becomes a job: it reads its tensors from files, computes them in shards, and merges these exactly. ' +
      'The answer does not depend on how many shards or workers there are. The request is checked, and its files are opened, before it is accepted. ' +
      'With an `Idempotency-Key` the same request is one job, however often it is sent.',
    headers: jobHeaders,
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
  jobs: {
    operationId: 'jobs',
    tags,
    summary: 'The jobs of this client, the newest first',
    querystring: jobPage,
    response: {
      200: { description: 'A page of jobs.', content: { 'application/json': { schema: jobList } } },
      404: problemResponse('Jobs are turned off.'),
      405: problemResponse('The path supports only GET and POST.'),
      422: problemResponse('A value of the query is invalid.'),
      503: queueAway,
    },
  },
});
