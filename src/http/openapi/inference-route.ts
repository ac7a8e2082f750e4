import type { FastifyInstance, RouteOptions } from 'fastify';
import { type ModelName, modelNames, modelVersion } from '../../formats/inference/models.ts';
import { inferenceError } from '../../schema/inference/answer.ts';
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

/** Registers a route of every model and of its only version. The document shows that of `kl_div`, with its name as a parameter. */
export function modelRoute(scope: FastifyInstance, url: string, optionsOf: (model: ModelName) => Omit<RouteOptions, 'url'>): void {
  for (const model of modelNames) {
    const options = optionsOf(model);
    const hidden = { ...options, schema: { hide: true } };
    inferenceRoute(scope, `/models/${model}${url}`, model === 'kl_div' ? options : hidden);
    inferenceRoute(scope, `/models/${model}/versions/${modelVersion}${url}`, hidden);
  }
}
