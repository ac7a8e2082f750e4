import { problemMediaType } from '../../errors/problem-details.ts';

// a reference, not the zod schema: fastify-zod-openapi fills in the schema of a response that two routes share for the first one only
const schema = { $ref: '#/components/schemas/Problem' };

/** Returns a problem response for the schema of a route. */
export function problemResponse(description: string, examples?: Record<string, { summary: string; value: unknown }>) {
  return { description, content: { [problemMediaType]: { schema, ...(examples === undefined ? {} : { examples }) } } };
}

/** The problem responses of every operation. */
export const problemsAnywhere = {
  400: problemResponse('The request is not valid HTTP.'),
  408: problemResponse('The request did not arrive in time.'),
  431: problemResponse('The request line and the headers are too large.'),
  500: problemResponse('The service failed; report it with the `request_id`.'),
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
