import { problemMediaType } from '../../errors/problem-details.ts';

// a reference, not the zod schema: fastify-zod-openapi fills in the schema of a response that two routes share for the first one only
const schema = { $ref: '#/components/schemas/Problem' };

/** Returns a problem response for the schema of a route. */
export function problemResponse(description: string) {
  return { description, content: { [problemMediaType]: { schema } } };
}

export const serviceFailed = 'The service failed; report it with the `request_id`.';

/** The problem responses of every operation. */
export const problemsAnywhere = {
  400: problemResponse('The request is not valid HTTP.'),
  408: problemResponse('The request did not arrive in time.'),
  431: problemResponse('The request line and the headers are too large.'),
  500: problemResponse(serviceFailed),
};

/** Descriptions of the responses of authentication and of the quota, by status. */
export const accessRefusals = {
  401: 'The request has no credential, or one that is not accepted.',
  429: 'The quota of the client is spent; wait for the seconds in `Retry-After`.',
  503: 'The service cannot check the credential now; send the request again after the seconds in `Retry-After`.',
};

export const problemsOfAccess = responsesOf(accessRefusals, problemResponse);

/** Returns a response for each status. */
export function responsesOf<Response>(descriptions: Readonly<Record<number, string>>, responseOf: (description: string) => Response) {
  return Object.fromEntries(Object.entries(descriptions).map(([status, description]) => [status, responseOf(description)]));
}

/** Descriptions of refusals that every route that reads a body has, those under /v2 too, by status. */
export const bodyRefusals = {
  405: 'The path supports only POST.',
  413: 'The body or a tensor is too large.',
  503: 'The service is overloaded, or it lost the thread that computed the request. Send the request again after the seconds in `Retry-After`.',
};

/** The problem responses of every route under /v1 that reads a body. */
export const bodyProblems = {
  ...responsesOf(bodyRefusals, problemResponse),
  400: problemResponse('The body is not JSON, or contradicts its headers.'),
  415: problemResponse('The format or the compression of the body is not supported.'),
  422: problemResponse('The body is readable, but not a valid request; `errors` points at each fault.'),
  504: problemResponse('The answer was not ready in time: see X-Request-Timeout.'),
};
