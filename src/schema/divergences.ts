import { z } from 'zod';
import { closedDivergences } from '../core/closed-forms/closed-forms.ts';
import { sideNames } from '../core/comparison.ts';
import { directions } from '../core/divergences/divergence-row.ts';
import {
  defaultDivergences,
  divergenceNames,
  divergencePattern,
  estimateNames,
  isPlainSum,
  parseDivergence,
  rowOf,
} from '../core/divergences/named-divergence.ts';
import { divergenceStatistics, klAnswer, pairStatistics } from './answer.ts';
import { batchAnswerOf, batchOf } from './batch.ts';
import { expected, expectedOneOf } from './expected.ts';
import { longestList } from './parse.ts';
import type { BatchContract } from './parse-batch.ts';
import type { Contract } from './parse-request.ts';
import { klRequest } from './request.ts';
import { divergenceSampling, sampleAnswer, sidesSampling } from './samples.ts';

function described(name: (typeof divergenceNames)[number]): string {
  const { meaning, formula, elsewhere, parameter, hasUnit } = rowOf({ name });
  const spelling = parameter === undefined ? `\`${name}\`` : `\`${name}:${parameter.symbol}\``;
  const facts = [hasUnit ? [] : ['`base` does not apply'], isPlainSum({ name }) ? [] : ['no `none`']].flat();
  return `- ${spelling}: ${meaning}. ${formula}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}. Elsewhere: ${elsewhere}.`;
}

const divergenceName = z
  .string(expected(`the name of a divergence (${divergenceNames.join(', ')})`))
  .superRefine((key, context) => {
    const parsed = parseDivergence(key);
    if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
  })
  .meta({
    id: 'DivergenceName',
    pattern: divergencePattern,
    examples: ['kl', 'jensen_shannon:0.1', 'renyi:2'],
    description: `A divergence, of some with a parameter behind a colon. P is \`target\`, Q is \`input\`.\n\n${divergenceNames.map(described).join('\n')}`,
  });

const divergenceList = z
  .array(divergenceName, expected('a list of divergences, such as ["kl", "renyi:2"]'))
  .min(1, 'expected at least one divergence, got an empty list')
  .max(longestList)
  // filled in once the kinds are known: samples have estimates, and not every divergence of parametric distributions has a closed form
  .optional()
  .meta({
    id: 'DivergenceNames',
    description: `The divergences to compute. All of them take one pass over the data. Of \`sampled_log_probs\`: ${estimateNames.join(', ')}, which are the default there. Where the kind is a family of distributions, those that have a closed form: ${closedDivergences.join(', ')}.`,
    default: [...defaultDivergences],
  });

const sampledFrom = z.enum(sideNames, expectedOneOf(sideNames)).optional().meta({
  id: 'SampledFrom',
  description:
    'The model that the samples are from; kind `sampled_log_probs` only, and needed there. The estimates are of KL of this model from the other.',
});

export const divergencesRequest = klRequest.extend({ divergences: divergenceList, sampled_from: sampledFrom }).meta({
  id: 'DivergencesRequest',
  description: 'A request for KL, and which divergences to compute. Unknown fields are refused.',
});

const divergencesOptions = divergencesRequest
  .omit({ input: true, target: true, weights: true })
  .meta({ id: 'DivergencesOptions', description: 'Every field of a request but the tensors.' });

/** The fields of a request for several divergences that are no tensor. */
export const divergencesOptionFields = Object.keys(divergencesOptions.shape);

/** A request for several divergences. */
export const divergencesContract: Contract = {
  request: divergencesRequest,
  options: divergencesOptions,
  fields: Object.keys(divergencesRequest.shape),
  defaultDivergences,
};

const many = batchOf(divergencesRequest, divergencesOptions, 'Divergences');

export const divergencesBatch = many.batch;

export const divergencesBatchContract: BatchContract = { ...divergencesContract, envelope: many.envelope };

const { divisors, shape, dim, distributions, support_size, coverage, warnings } = klAnswer.shape;

const divergenceResult = z
  .strictObject({
    results: klAnswer.shape.results,
    direction: z.enum(directions).meta({
      id: 'DivergenceDirection',
      description: 'Which side is which: P is `target`, Q is `input`. `weighted` is Jensen-Shannon with a β other than 1/2.',
    }),
    base: z
      .union([z.literal('e'), z.number(), z.null()])
      .meta({ description: 'The base of the logarithm: "e" for nats. null for a divergence without a unit.' }),
    statistics: divergenceStatistics.optional(),
    sampling: z
      .strictObject(divergenceSampling)
      .optional()
      .meta({ id: 'DivergenceSampling', description: 'What chance alone makes of this divergence.' }),
  })
  .meta({ id: 'DivergenceResult' });

export const divergencesAnswer = z
  .strictObject({
    divergences: z.record(z.string(), divergenceResult).meta({ description: 'Each divergence by the name that the request has for it.' }),
    divisors,
    shape,
    dim,
    distributions,
    support_size,
    coverage,
    statistics: pairStatistics.optional(),
    bins: sampleAnswer.bins,
    sampling: z
      .strictObject(sidesSampling)
      .optional()
      .meta({ id: 'SidesSampling', description: 'How many observations there are, and whether both sides may have one distribution.' }),
    warnings,
  })
  .meta({ id: 'DivergencesAnswer' });

export const { item: divergencesItemAnswer, batch: divergencesBatchAnswer } = batchAnswerOf(divergencesAnswer, 'Divergences');
