import type { FastifyInstance } from 'fastify';
import packageJson from '../../../package.json' with { type: 'json' };
import { problemPath } from '../../errors/problem-details.ts';
import { problemCodes, problems } from '../../errors/problems.ts';
import { maxItems } from '../../schema/batch.ts';
import { info } from '../../schema/info.ts';
import { computeInfo } from '../../tasks/info.ts';
import type { Limits } from '../../tasks/task.ts';
import { warningCodes, warnings } from '../../warnings/warnings.ts';
import type { BodyLimits } from '../body/receive-body.ts';
import { problemResponse } from '../openapi/problem-responses.ts';

/** Registers the facts about this instance: its version, limits and names. */
export function registerInfo(app: FastifyInstance, config: Limits & BodyLimits): void {
  const { limits, ...computes } = computeInfo(config);
  const answer = {
    name: packageJson.name,
    version: packageJson.version,
    limits: { body_bytes: config.bodyLimitBytes, inline_body_bytes: config.inlineLimitBytes, batch_items: maxItems, ...limits },
    ...computes,
    warnings: warningCodes.map((code) => ({ code, severity: warnings[code].severity, when: warnings[code].when })),
    problems: problemCodes.map((code) => ({ code, ...problems[code], type: problemPath(code) })),
  };
  app.route({
    method: 'GET',
    url: '/v1/info',
    schema: {
      operationId: 'info',
      tags: ['Service'],
      summary: 'Limits, kinds, reductions, warnings and problems',
      response: {
        200: {
          description: 'The version and limits of this instance, and the names that it knows.',
          content: { 'application/json': { schema: info } },
        },
        405: problemResponse('The path supports only GET.'),
      },
    },
    handler: async () => answer,
  });
}
