import { z } from 'zod';
import { libraries } from '../core/explain/convention.ts';
import { type Reduction, type ReductionName, reductionNames, reductions } from '../core/reductions.ts';
import { warningCodes, warnings } from '../warnings/warnings.ts';
import { comparedOutcomes, listedTerms } from './operands/outcomes.ts';
import { jsonNumber, tensor } from './operands/tensor.ts';
import { kind } from './request.ts';
import { sampleAnswer } from './samples.ts';

export const warningCode = z.enum(warningCodes).meta({
  id: 'WarningCode',
  description: warningCodes.map((code) => `- \`${code}\` (${warnings[code].severity}): ${warnings[code].when}.`).join('\n'),
});

export const severity = z
  .enum(['info', 'warning'])
  .meta({ id: 'Severity', description: 'Under `strict`, a `warning` refuses the answer; an `info` never does.' });

export const warning = z
  .strictObject({
    code: warningCode,
    severity,
    pointer: z.string().meta({ description: 'The part of the request that it is about: a JSON Pointer as a URI fragment.' }),
    message: z.string().meta({ description: 'What was measured, what it means for the number, and what to do.' }),
    details: z
      .record(z.string(), z.unknown())
      .meta({ description: 'The measured values. Lists of indices hold ten at most, `count` says how many there are.' }),
  })
  .meta({ id: 'Warning', description: 'Something that a reader of the answer should know about its numbers.' });

const count = z.int().min(0);

const divisor = z.number().min(0);

const isNumber = (name: ReductionName): boolean => 'divisor' in (reductions[name] as Reduction);

const termsOrLists = z.union([...tensor.options, listedTerms]);

function byReduction(schemaOf: (name: ReductionName) => z.ZodOptional, names: readonly ReductionName[] = reductionNames) {
  return z.strictObject(Object.fromEntries(names.map((name) => [name, schemaOf(name)])));
}

const ofSide = z.strictObject({ mean: jsonNumber, least: jsonNumber }).meta({ id: 'SideCoverage' });

/** Only where lists of outcomes leave a rest. */
const coverage = z.strictObject({ input: ofSide, target: ofSide }).optional().meta({
  id: 'Coverage',
  description:
    'Under `"rest": "bucket"`: the mass of a distribution that is compared outcome by outcome, the mean by the weights and the least.',
});

/** What every answer says about how its numbers lie. */
const frame = {
  shape: z.array(count).meta({ description: 'The shape of both tensors.' }),
  dim: z.array(count).meta({ description: 'The axes of a distribution, counted from the start, ascending.' }),
  distributions: count.meta({ description: 'D, the number of distributions.' }),
  support_size: count.meta({ description: 'The number of outcomes of each distribution.' }),
  base: z.union([z.literal('e'), z.number()]).meta({ description: 'The base of the logarithm: "e" for nats.' }),
  coverage,
  direction: z
    .literal('D(target || input)')
    .meta({ description: 'KL divergence is not symmetric: this is the direction of `F.kl_div(input, target)`.' }),
};

const orNull = z.union([jsonNumber, z.null()]).meta({ id: 'JsonNumberOrNull' });

/** Of the divergences of one name. */
const ofDivergences = {
  count: count.meta({ description: 'How many distributions have a weight above 0: all numbers here are of these.' }),
  infinite: count.meta({ description: 'How many of them have an infinite divergence.' }),
  mean: jsonNumber.meta({ description: 'Σ w·D / Σ w, as `distribution_mean`.' }),
  standard_deviation: orNull.meta({ description: 'null for fewer than two divergences, and where one is infinite.' }),
  standard_error: orNull.meta({ description: 'That of the mean, for independent distributions. null as `standard_deviation`.' }),
  minimum: jsonNumber,
  maximum: jsonNumber,
  quantiles: z
    .array(z.strictObject({ quantile: z.number().min(0).max(1), value: jsonNumber }).meta({ id: 'Quantile' }))
    .meta({ description: 'In the order of the request. Linear interpolation at q·(n − 1).' }),
  quantile_error: z.number().optional().meta({
    description: 'Of a job with more than 2²⁰ distributions: the largest relative error of the quantiles, which are exact otherwise.',
  }),
  largest: z
    .array(z.strictObject({ index: z.array(count), value: jsonNumber }).meta({ id: 'LargestDivergence' }))
    .meta({ description: 'Up to ten, the largest first, with their index in `per_distribution`.' }),
};

const topOneAgreement = z
  .strictObject({ share: z.number().min(0).max(1), standard_error: orNull })
  .meta({ id: 'TopOneAgreement', description: 'How often the most likely outcome is the same on both sides; of equals the first counts.' });

export const divergenceStatistics = z
  .strictObject(ofDivergences)
  .meta({ id: 'DivergenceStatistics', description: 'What the divergences of all distributions look like.' });

export const pairStatistics = z
  .strictObject({ top_1_agreement: topOneAgreement })
  .meta({ id: 'PairStatistics', description: 'What does not depend on the divergence.' });

const klStatistics = z
  .strictObject({ ...ofDivergences, top_1_agreement: topOneAgreement.optional() })
  .meta({ id: 'KlDivergenceStatistics', description: 'What the divergences of all distributions look like. Only where the request asks.' });

const warningList = z.array(warning).meta({ description: 'Empty when the numbers mean what they seem to.' });

export const klAnswer = z
  .strictObject({
    results: byReduction((name) =>
      (isNumber(name) ? jsonNumber : name === 'none' ? termsOrLists : tensor).optional().meta({ description: reductions[name].value }),
    ).meta({
      description: 'The value of every reduction that was asked for. Tensors have the form of `input`.',
    }),
    divisors: byReduction(() => divisor.optional(), reductionNames.filter(isNumber)).meta({
      description: 'What each number divides the sum of all terms by.',
    }),
    ...frame,
    statistics: klStatistics.optional(),
    ...sampleAnswer,
    warnings: warningList,
  })
  .meta({ id: 'KlDivergenceAnswer' });

const step = z.strictObject({ formula: z.string(), value: tensor }).meta({ id: 'Step' });

const comparedReduction = z
  .strictObject({
    formula: z.string(),
    divisor: divisor.optional(),
    by_hand: tensor,
    core: tensor,
    difference: jsonNumber,
  })
  .meta({
    id: 'ComparedReduction',
    description:
      '`by_hand` follows from `steps` by the textbook formula and plain sums; `core` is what `POST /v1/kl-divergence` answers; `difference` is the largest absolute difference of the two.',
  });

const convention = z
  .strictObject({
    library: z.enum(libraries),
    expression: z.string().meta({
      description:
        'What one would type, with `input`, `target` and `weights` as float64 arrays: torch tensors for PyTorch and TRL, NumPy arrays for SciPy and Keras. ' +
        'Parameters of distributions are dicts of such tensors. `F` is torch.nn.functional, `kl_divergence` and its classes are from torch.distributions, `entropy` is from scipy.stats, `rel_entr` and `softmax` are from scipy.special.',
    }),
    note: z.string(),
    value: tensor,
  })
  .meta({ id: 'Convention' });

export const klExplanation = z
  .strictObject({
    ...frame,
    outcomes: comparedOutcomes.optional().meta({
      description:
        'Where operands are lists of outcomes: what each entry of the tensors below is about. Beyond the end of a shorter list they are filled up with outcomes without mass.',
    }),
    temperature: z.number().optional().meta({ description: 'What the logits were divided by, where it is not 1.' }),
    pseudocount: z.number().optional().meta({ description: 'What was added to every count, where it is not 0.' }),
    weights: tensor.optional().meta({ description: 'Those of the request, as numbers; left out where there are none.' }),
    closed_form: z
      .strictObject({ kind, formula: z.string(), source: z.string() })
      .optional()
      .meta({ id: 'ClosedForm', description: 'Where the kind is a family of distributions: KL from the parameters of P, ₁, and Q, ₂.' }),
    steps: z
      .strictObject({
        input_log_probs: step.optional(),
        target_log_probs: step.optional(),
        target_probs: step.optional(),
        terms: step.optional(),
        per_distribution: step,
      })
      .meta({
        id: 'Steps',
        description: 'Of numbers along `dim`, all of them; of distributions by their parameters, those that there are.',
      }),
    reductions: byReduction(() => comparedReduction.optional()),
    statistics: klStatistics.optional(),
    conventions: z.array(convention).meta({
      description:
        'What PyTorch, SciPy and Keras answer for the same data, and for logits along the last axis what TRL and llama.cpp do. A distribution of weight 0 is NaN.',
    }),
    ...sampleAnswer,
    warnings: warningList,
  })
  .meta({ id: 'KlDivergenceExplanation' });
