import type { FastifyInstance } from 'fastify';
import packageJson from '../../../package.json' with { type: 'json' };
import { closedDivergences } from '../../core/closed-forms/closed-forms.ts';
import { isParametric, type ParametricKindName, parametricKind } from '../../core/closed-forms/parametric-kinds.ts';
import { type DivergenceName, divergenceNames, isPlainSum, rowOf } from '../../core/divergences/named-divergence.ts';
import { reductionNames, reductions } from '../../core/reductions.ts';
import { problemPath } from '../../errors/problem-details.ts';
import { problemCodes, problems } from '../../errors/problems.ts';
import { kernelIsSupported } from '../../kernels/divergence-module.ts';
import { maxItems } from '../../schema/batch.ts';
import { info } from '../../schema/info.ts';
import { anyKindNames, meaningOfKind } from '../../schema/request.ts';
import { maxExplainedElements } from '../../tasks/explain.ts';
import type { Limits } from '../../tasks/task.ts';
import { maxRank } from '../../tensor/shape.ts';
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

/** Returns the limits of a request, and the kinds and reductions that it may name. */
export function computeInfo({ maxElements }: Limits) {
  return {
    kernels: kernelIsSupported() ? ('wasm-relaxed-simd' as const) : ('typescript' as const),
    limits: {
      elements_per_tensor: maxElements,
      explained_elements_per_tensor: Math.min(maxElements, maxExplainedElements),
      rank: maxRank,
    },
    kinds: anyKindNames.map((name) => (isParametric(name) ? parametricKindInfo(name) : { name, meaning: meaningOfKind(name) })),
    divergences: divergenceNames.map(divergenceInfo),
    reductions: reductionNames.map((name) => {
      const { value, formula, equivalent } = reductions[name];
      return { name, value, formula, equivalent_to: equivalent };
    }),
  };
}

function parametricKindInfo(name: ParametricKindName) {
  const { meaning, choices, formula, source } = parametricKind(name);
  return { name, meaning, parameters: choices.map((choice) => [...choice]), divergences: [...closedDivergences], formula, source };
}

function divergenceInfo(name: DivergenceName) {
  const { meaning, formula, elsewhere, hasUnit, parameter } = rowOf({ name });
  const described = parameter && { name: parameter.name, meaning: parameter.meaning, default: parameter.standard };
  return {
    name,
    ...(described === undefined ? {} : { parameter: described }),
    meaning,
    formula,
    also_called: elsewhere,
    base_applies: hasUnit,
    has_none: isPlainSum({ name }),
  };
}
