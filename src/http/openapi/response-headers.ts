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
    description: 'Seconds to wait before a retry.',
    type: 'integer',
    isOn: ({ status }) => status === '429' || status === '503',
  },
  'Server-Timing': {
    description: 'Milliseconds to receive, queue, parse, compute and encode. Streams have none.',
    type: 'string',
    isOn: ({ method, status }) => method === 'post' && status === '200',
  },
  RateLimit: { description: 'The rest of the quota, if the instance has quotas.', type: 'string', isOn: ({ isCounted }) => isCounted },
  'RateLimit-Policy': { description: 'The quota, if the instance has quotas.', type: 'string', isOn: ({ isCounted }) => isCounted },
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
