import { isInference } from '../hooks/inference-error.ts';
import type { Document } from './second-formats.ts';

/** A response of an operation, and whether the operation counts against the quota. */
type Place = { readonly path: string; readonly method: string; readonly status: string; readonly isCounted: boolean };

/** A header of responses: what the document says of it, and which responses have it, always if it is `required`. */
type ResponseHeader = {
  readonly description: string;
  readonly required?: true;
  readonly type: 'string' | 'integer';
  readonly isOn: (place: Place) => boolean;
};

/** Whether a task computes the answers of an operation while its client waits: a job is only submitted. */
export function isComputed(path: string, method: string): boolean {
  return method === 'post' && !path.startsWith('/v1/jobs');
}

/** Whether a response is that to a job that was submitted. */
function isSubmitted({ path, method, status }: Place): boolean {
  return path === '/v1/jobs' && method === 'post' && ['200', '202'].includes(status);
}

/** A request is counted once its client is known, and one with a method that the path does not have at any path. */
function hasQuota({ isCounted, status }: Place): boolean {
  return status === '405' || (isCounted && status !== '401' && status !== '431');
}

/** Statuses of what a task says of a body. Where the body holds the deadline, under /v2, a task may find it passed, too. */
const timedStatuses = ['200', '400', '413', '422'];

const responseHeaders: Readonly<Record<string, ResponseHeader>> = {
  'X-Request-Id': {
    description: 'The id of the request, in its problem and in the log too: that of the request if it has one.',
    required: true,
    type: 'string',
    isOn: () => true,
  },
  Allow: { description: 'The methods of the path.', required: true, type: 'string', isOn: ({ status }) => status === '405' },
  'WWW-Authenticate': { description: 'How to authenticate.', required: true, type: 'string', isOn: ({ status }) => status === '401' },
  'Retry-After': {
    description: 'Seconds to wait before a retry, or before another look at a job that is not over.',
    type: 'integer',
    isOn: (place) =>
      (place.isCounted && ['429', '503'].includes(place.status)) ||
      (isSubmitted(place) && place.status === '202') ||
      (place.method === 'get' && place.path === '/v1/jobs/{id}' && place.status === '200'),
  },
  Location: { description: 'The address of the job.', required: true, type: 'string', isOn: isSubmitted },
  'Preference-Applied': {
    description: 'The seconds for which the answer was to wait for the end of the job, if the request has a preference.',
    type: 'string',
    isOn: isSubmitted,
  },
  'Server-Timing': {
    description: 'Milliseconds to receive, queue, parse, compute and encode, if the body was received. Streams have none.',
    type: 'string',
    isOn: ({ path, method, status }) =>
      isComputed(path, method) && [...timedStatuses, ...(isInference({ url: path }) ? ['504'] : [])].includes(status),
  },
  RateLimit: { description: 'The rest of the quota, if the instance has quotas.', type: 'string', isOn: hasQuota },
  'RateLimit-Policy': { description: 'The quota, if the instance has quotas.', type: 'string', isOn: hasQuota },
  'Inference-Header-Content-Length': {
    description: 'Length of the JSON in bytes, if bytes of outputs follow it.',
    type: 'integer',
    isOn: ({ path, status }) => path.endsWith('/infer') && status === '200',
  },
};

/** The headers by name, for the components of the document. */
export const headerComponents = Object.fromEntries(
  Object.entries(responseHeaders).map(([name, { description, required = false, type }]) => [
    name,
    { description, required, schema: { type } },
  ]),
);

/** Adds the headers of every response. */
export function withResponseHeaders(document: Document): Document {
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const { responses } = operation;
      const headersAt = (status: string) => headersOf({ path, method, status, isCounted: '429' in responses });
      // a new response each: operations share theirs
      operation.responses = Object.fromEntries(
        Object.entries(responses).map(([status, response]) => [status, { ...response, headers: headersAt(status) }]),
      );
    }
  }
  return document;
}

function headersOf(place: Place): Readonly<Record<string, { $ref: string }>> {
  const names = Object.keys(responseHeaders).filter((name) => responseHeaders[name].isOn(place));
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
