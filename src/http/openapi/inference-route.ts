import type { FastifyInstance, RouteOptions } from 'fastify';
import { inferenceError } from '../../schema/inference-answer.ts';
import { model } from '../../tasks/inference-response.ts';
import { accessRefusals, responsesOf } from './problem-responses.ts';

export const inferenceTag = 'Open Inference Protocol';

/** Returns an error response under /v2 for the schema of a route. */
export function inferenceErrorResponse(description: string) {
  return { description, content: { 'application/json': { schema: inferenceError } } };
}

/** The error responses of authentication and of the quota under /v2. */
export const inferenceErrorsOfAccess = responsesOf(accessRefusals, (description) => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/InferenceError' } } },
}));

/** Registers a route of the protocol with and without a slash at its end. The document shows the one without. */
export function inferenceRoute(scope: FastifyInstance, url: string, options: Omit<RouteOptions, 'url'>): void {
  scope.route({ ...options, url, prefixTrailingSlash: 'no-slash' });
  scope.route({ ...options, url: `${url}/`, prefixTrailingSlash: 'slash', schema: { hide: true } });
}

/** Registers a route of the model, and the same route of its only version. */
export function modelRoute(scope: FastifyInstance, url: string, options: Omit<RouteOptions, 'url'>): void {
  inferenceRoute(scope, `/models/${model.name}${url}`, options);
  inferenceRoute(scope, `/models/${model.name}/versions/${model.version}${url}`, { ...options, schema: { hide: true } });
}
