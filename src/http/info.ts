import type { FastifyInstance } from 'fastify';
import packageJson from '../../package.json' with { type: 'json' };
import { maxExplainedElements } from '../compute/explain.ts';
import { kindNames, kinds } from '../core/kinds.ts';
import { reductionNames, reductions } from '../core/reductions.ts';
import { problemCodes, problems } from '../errors.ts';
import { warningCodes, warnings } from '../result/warnings.ts';
import { info } from '../schema/info.ts';
import { maxRank } from '../tensor/shape.ts';
import { problemPath } from './problem.ts';
import { problemResponse } from './problem-response.ts';

/** What this instance is, allows and knows by name. */
export function registerInfo(app: FastifyInstance, limits: { readonly bodyLimit: number; readonly maxElements: number }): void {
  const { name, version } = packageJson;
  const answer = {
    name,
    version,
    limits: {
      body_bytes: limits.bodyLimit,
      elements_per_tensor: limits.maxElements,
      explained_elements_per_tensor: Math.min(limits.maxElements, maxExplainedElements),
      rank: maxRank,
    },
    kinds: kindNames.map((kind) => ({ name: kind, meaning: kinds[kind].meaning })),
    reductions: reductionNames.map((reduction) => {
      const { value, formula, calledSo } = reductions[reduction];
      return { name: reduction, value, formula, called_so_by: calledSo };
    }),
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
        200: { description: 'What this instance is, allows and knows by name.', content: { 'application/json': { schema: info } } },
        405: problemResponse('Only GET is answered here.'),
      },
    },
    handler: async () => answer,
  });
}
