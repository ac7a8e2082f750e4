import { z } from 'zod';
import { isParametric, type ParametricKindName, parametricKindNames, parametricKinds } from '../core/closed-forms/parametric-kinds.ts';
import { type KindName, kindNames, kinds, sampledLogProbs, samples, type TensorKindName } from '../core/kinds.ts';
import { defaultReductions, reductionNames, reductions } from '../core/reductions.ts';
import { defaultQuantiles } from '../core/statistics/statistics.ts';
import { expected, expectedObject, expectedOneOf } from './expected.ts';
import { opaqueTensor, operandReference, weightsReference } from './operands/tensor.ts';
import { longestList } from './parse.ts';
import { sampleFields } from './samples.ts';

/** What a side may be: numbers along an axis, samples, log-probabilities of samples, or the parameters of distributions. */
export type AnyKindName = TensorKindName | 'samples' | ParametricKindName;

export const anyKindNames: readonly [AnyKindName, ...AnyKindName[]] = [
  ...kindNames,
  'samples',
  'sampled_log_probs',
  ...parametricKindNames,
];

export function meaningOfKind(name: AnyKindName): string {
  if (name === 'samples') return samples.meaning;
  if (name === 'sampled_log_probs') return sampledLogProbs.meaning;
  return isParametric(name) ? parametricKinds[name].meaning : kinds[name].meaning;
}

/** What kinds are called elsewhere. */
const kindAliases = {
  probability: 'probs',
  probabilities: 'probs',
  log_probabilities: 'log_probs',
  scores: 'logits',
  histogram: 'counts',
  frequencies: 'counts',
  gaussian: 'normal',
} as const satisfies Readonly<Record<string, (typeof anyKindNames)[number]>>;

export const kind = z.enum(anyKindNames, expectedOneOf(anyKindNames, kindAliases)).meta({
  id: 'Kind',
  description: `How a side is read: numbers along \`dim\`, samples, log-probabilities of samples, or parameters of distributions, of one kind on both sides.\n\n${anyKindNames.map((name) => `- \`${name}\`: ${meaningOfKind(name)}`).join('\n')}`,
});

const defaultKind: KindName = 'logits';

const largestCount = kinds.counts.domain.highest;

/** What is made of the outcomes that a list lacks. */
const restNames = ['zero', 'bucket'] as const;

const integer = z.int(expected('an integer'));

const dim = z
  .union(
    [integer, z.array(integer).min(1, 'expected at least one axis, got an empty list').max(longestList).meta({ uniqueItems: true })],
    expected('an integer or a list of distinct integers'),
  )
  .meta({
    id: 'Dim',
    description:
      'The axis along which one distribution lies, or several axes that one distribution lies along jointly. Negative counts from the end. Of ' +
      '`sampled_log_probs`, what samples are added up along: along nothing when left out.',
    default: -1,
  });

export const reductionName = z.enum(reductionNames, expectedOneOf(reductionNames)).meta({
  id: 'ReductionName',
  description: `With S = Σ P·(log P − log Q) over all elements:\n\n${reductionNames.map((name) => `- \`${name}\`: ${reductions[name].value}`).join('\n')}`,
});

const reduction = z
  .union(
    [reductionName, z.literal('all'), z.array(reductionName).min(1, 'expected at least one reduction, got an empty list').max(longestList)],
    expectedOneOf([...reductionNames, 'all']),
  )
  .meta({ id: 'Reduction', description: 'One reduction, a list of them, or "all".', default: [...defaultReductions] });

const base = z
  .union([z.literal('e'), z.number(expected('a number')).gt(1, expected('a number above 1'))], expected('"e" or a number above 1'))
  .meta({ id: 'Base', description: 'The base of the logarithm, and so the unit: "e" for nats, 2 for bits, 10 for hartleys.' });

const temperature = z.number(expected('a number')).gt(0, expected('a number above 0')).meta({
  id: 'Temperature',
  description:
    'What logits are divided by on both sides before the softmax; kind `logits` only. The result is not multiplied by the square of it.',
});

const quantile = z.number(expected('a number')).min(0, expected('a number from 0 to 1')).max(1, expected('a number from 0 to 1'));

const statistics = z
  .union(
    [z.boolean(), z.array(quantile).min(1, 'expected at least one quantile, got an empty list').max(longestList)],
    expected('true, or a list of quantiles from 0 to 1'),
  )
  .meta({
    id: 'AskedStatistics',
    description: `Whether to describe the divergences of all distributions of a weight above 0, and with which quantiles; \`true\` is ${defaultQuantiles.join(', ')}.`,
  });

const pseudocount = z
  .number(expected('a number'))
  .min(0, expected(`a number from 0 to ${largestCount}`))
  .max(largestCount, expected(`a number from 0 to ${largestCount}`))
  .meta({
    id: 'Pseudocount',
    description:
      'What is added to every count on both sides before they are divided by their sum; kinds `counts` and `samples` only. Above 0 no outcome is without mass.',
  });

const rest = z.enum(restNames, expectedOneOf(restNames)).meta({
  id: 'Rest',
  description:
    'Of lists of outcomes: what the outcomes have that one side does not list.\n\n' +
    '- `zero`: no mass there, so that the union of both lists is compared\n' +
    '- `bucket`: kinds `probs` and `log_probs`. What both sides list is compared one by one, and all else is one outcome with the mass that is left to 1: a lower bound',
});

export const klRequest = z
  .strictObject(
    {
      input: opaqueTensor.meta({
        override: { ...operandReference, description: "Q, the model or approximation: PyTorch's first argument." },
      }),
      target: opaqueTensor.meta({
        override: {
          ...operandReference,
          description: "P, the data or reference: PyTorch's second argument. Of the same shape: nothing is broadcast.",
        },
      }),
      weights: opaqueTensor
        .meta({
          override: {
            ...weightsReference,
            description:
              'One for each distribution, in the shape of `per_distribution`; 1 everywhere when left out. A distribution of weight 0 is not read.',
          },
        })
        .optional(),
      input_kind: kind.default(defaultKind),
      target_kind: kind.default(defaultKind),
      temperature: temperature.default(1),
      pseudocount: pseudocount.default(0),
      ...sampleFields,
      // filled in once the kinds are known: log-probabilities of samples lie along no axis
      dim: dim.optional(),
      rest: rest.default('zero'),
      // not filled in: `strict` refuses only what the caller asked for
      reduction: reduction.optional(),
      base: base.default('e'),
      statistics: statistics.optional(),
      strict: z
        .boolean(expected('true or false'))
        .default(false)
        .meta({
          description:
            'Refuse, with 422 STRICT_WARNINGS, an answer that carries a warning of severity `warning`. ' +
            'Warnings about a reduction or `sampling` count only where the request asks for it.',
        }),
    },
    expectedObject('a JSON object'),
  )
  .meta({ id: 'KlDivergenceRequest', description: 'Two tensors and how to read, compare and reduce them. Unknown fields are refused.' });

/** The options of a request, with their defaults. */
export const klOptions = klRequest
  .omit({ input: true, target: true, weights: true })
  .meta({ id: 'KlDivergenceOptions', description: 'Every field of a request but the tensors.' });

/** The fields of a request, and those that are no tensor. */
export const requestFields = Object.keys(klRequest.shape);
export const optionFields = Object.keys(klOptions.shape);
