import type { FastifyInstance, RouteOptions } from 'fastify';
import { inferenceError } from '../../schema/inference-answer.ts';
import { model } from '../../tasks/inference-response.ts';
import { accessRefusals, responsesOf } from './problem-responses.ts';

export const inferenceTag = 'Open Inference Protocol';

/** A refusal under /v2 as a route's schema describes it. */
export function inferenceErrorResponse(description: string) {
  return { description, content: { 'application/json': { schema: inferenceError } } };
}

/** What a refusal by who asks for a credential, or counts, looks like there. */
export const inferenceErrorsOfAccess = responsesOf(accessRefusals, (description) => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/InferenceError' } } },
}));

/** A route of the protocol, with and without a slash at its end. The document shows the one without. */
export function inferenceRoute(scope: FastifyInstance, url: string, options: Omit<RouteOptions, 'url'>): void {
  scope.route({ ...options, url, prefixTrailingSlash: 'no-slash' });
  scope.route({ ...options, url: `${url}/`, prefixTrailingSlash: 'slash', schema: { hide: true } });
}

/** A route of the model, and the same of its only version. */
export function modelRoute(scope: FastifyInstance, url: string, options: Omit<RouteOptions, 'url'>): void {
  inferenceRoute(scope, `/models/${model.name}${url}`, options);
  inferenceRoute(scope, `/models/${model.name}/versions/${model.version}${url}`, { ...options, schema: { hide: true } });
}
