import { problemMediaType } from '../../errors/problem-details.ts';

// a reference, not the zod schema: fastify-zod-openapi fills in the schema of a response that two routes share for the first one only
const schema = { $ref: '#/components/schemas/Problem' };

/** A refusal as a route's schema describes it. */
export function problemResponse(description: string, examples?: Record<string, { summary: string; value: unknown }>) {
  return { description, content: { [problemMediaType]: { schema, ...(examples === undefined ? {} : { examples }) } } };
}

/** The refusals that any operation may answer with. */
export const problemsAnywhere = {
  400: problemResponse('The request is not valid HTTP.'),
  408: problemResponse('The request did not arrive in time.'),
  431: problemResponse('The request line and the headers are too large.'),
  500: problemResponse('The service failed; report it with the `request_id`.'),
};

/** What whoever asks for a credential, or counts, may answer with. */
export const accessRefusals = {
  401: 'A credential is needed here, and there is none, or it is not accepted.',
  429: 'The quota of the client is spent; wait for as long as `Retry-After` says.',
  503: 'The credential cannot be checked now; send the request again after `Retry-After`.',
};

export const problemsOfAccess = responsesOf(accessRefusals, problemResponse);

/** A response for each status. */
export function responsesOf<Response>(descriptions: Readonly<Record<number, string>>, responseOf: (description: string) => Response) {
  return Object.fromEntries(Object.entries(descriptions).map(([status, description]) => [status, responseOf(description)]));
}
