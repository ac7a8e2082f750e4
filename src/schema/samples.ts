import { z } from 'zod';
import { binRules } from '../core/samples/edges.ts';
import { resamples } from '../core/sampling/interval.ts';
import { expected, expectedOneOf } from './expected.ts';
import { jsonNumber, tensor } from './operands/tensor.ts';
import { longestEdges } from './parse.ts';

/** What k is when left out, and at the most: all neighbours up to it are kept in order. */
export const standardK = 5;
const largestK = 1000;

const ruleNames = Object.keys(binRules) as [keyof typeof binRules, ...(keyof typeof binRules)[]];

const edge = z.union([z.number(), z.enum(['-Infinity', 'Infinity'])], expected('a number'));

const binsExpected = `${ruleNames.map((name) => `"${name}"`).join(', ')}, a number of bins, or a list of edges`;

const edges = z
  .array(edge)
  .min(2, 'expected at least two edges, which are one bin')
  .max(longestEdges)
  .superRefine((list, context) => {
    const odd = list.findIndex(
      (at, i) => i > 0 && !(Number(at) > Number(list[i - 1])) && !(i > 1 && i === list.length - 1 && at === list[i - 1]),
    );
    if (odd !== -1) {
      const message = `edges ascend, and only the last of three or more may be there twice: ${list[odd]} follows ${list[odd - 1]}`;
      context.addIssue({ code: 'custom', message, path: [odd] });
    }
  });

const bins = z
  .union(
    [
      z.enum(ruleNames, expectedOneOf(ruleNames)),
      z
        .int(expected(binsExpected))
        .min(1, 'expected at least one bin')
        .max(longestEdges - 1, `expected at most ${longestEdges - 1} bins`),
      edges,
    ],
    expected(binsExpected),
  )
  .meta({
    id: 'Bins',
    default: 'doane',
    description:
      `Kind \`samples\` only, and numbers only: a rule, a number of bins of equal width, or their edges.\n\n${ruleNames.map((name) => `- \`${name}\`: ${binRules[name].meaning}`).join('\n')}\n\n` +
      'A bin holds its lower edge and not its upper one. The first and the last bin are open: they take what lies beyond their outer edges.',
  });

const estimators = ['bins', 'knn'] as const;

/** The fields of a request about samples, and about what sampling makes of its result. Without defaults: they belong to some kinds only. */
export const sampleFields = {
  estimator: z
    .enum(estimators, expectedOneOf(estimators))
    .optional()
    .meta({
      id: 'Estimator',
      default: 'bins',
      description:
        'Kind `samples` only: what samples are compared by.\n\n- `bins`: their counts in bins\n- `knn`: distances of nearest neighbours, for continuous numbers ' +
        'of one or more dimensions: a list of numbers, or of points, or several lists of points. Estimates KL in both directions and Jeffreys, and may be negative',
    }),
  k: z
    .int(expected(`an integer from 1 to ${largestK}`))
    .min(1, expected(`an integer from 1 to ${largestK}`))
    .max(largestK, expected(`an integer from 1 to ${largestK}`))
    .optional()
    .meta({ description: `With \`"estimator": "knn"\`: the distance to which neighbour is taken; ${standardK} when left out.` }),
  bins: bins.optional(),
  missing: z
    .enum(['refuse', 'category'], expectedOneOf(['refuse', 'category']))
    .optional()
    .meta({
      id: 'Missing',
      default: 'refuse',
      description: 'Kind `samples` only: whether missing observations, null and NaN, are refused or are an outcome of their own.',
    }),
  sampling: z
    .boolean(expected('true or false'))
    .optional()
    .meta({
      description:
        'Kinds `samples` and `counts` only: whether the answer says what the divergence would be by chance, and tests whether both sides have ' +
        'one distribution. `true` for `samples` and `false` for `counts` when left out.',
    }),
  confidence: z
    .number(expected('a number'))
    .gt(0, expected('a number between 0 and 1'))
    .lt(1, expected('a number between 0 and 1'))
    .optional()
    .meta({
      id: 'Confidence',
      description: `Asks for a confidence interval of each divergence, by drawing the observations of both sides anew ${resamples} times; 0.95, say.`,
    }),
  seed: z
    .int(expected('an integer from 0 to 2^53 - 1'))
    .min(0, expected('an integer from 0 to 2^53 - 1'))
    .max(Number.MAX_SAFE_INTEGER, expected('an integer from 0 to 2^53 - 1'))
    .optional()
    .meta({ description: 'Which random numbers draw the observations for `confidence`; 0 when left out.' }),
};

const sides = { input: tensor, target: tensor };

const histogram = z
  .strictObject({
    edges: z
      .array(jsonNumber)
      .optional()
      .meta({ description: 'Of numbers: one more than there are bins. As `bins` of another request they make the same bins.' }),
    categories: z.array(z.string()).optional().meta({ description: 'Of text: one for each count.' }),
    counts: z.strictObject(sides).meta({
      description: 'How often each bin was observed, along the last axis; for each row of samples where there are rows.',
    }),
    missing: z
      .strictObject(sides)
      .optional()
      .meta({ description: 'With `"missing": "category"`: how many observations of each row were missing, the outcome behind the bins.' }),
  })
  .meta({ id: 'SampleBins', description: 'Kind `samples`: the bins that both sides share, and their counts, which were compared.' });

const interval = z.strictObject({ confidence: z.number(), seed: z.int(), lower: tensor, upper: tensor }).meta({
  id: 'Interval',
  description: 'The basic bootstrap interval of each distribution; NaN where drawing makes the divergence infinite.',
});

/** What sampling makes of one divergence. */
export const divergenceSampling = {
  expected_by_chance: tensor.optional().meta({
    description: 'What the divergence would be on average if both sides were drawn from one distribution.',
  }),
  chance_bound: tensor.optional().meta({ description: 'What it would exceed then once in twenty times.' }),
  interval: interval.optional(),
};

/** What sampling makes of both sides, whatever the divergence. */
export const sidesSampling = {
  input_size: tensor.meta({ description: 'How many observations each distribution of `input` has.' }),
  target_size: tensor.meta({ description: 'How many observations each distribution of `target` has.' }),
  p_value: tensor.meta({
    description: 'How likely a G-test as large as this or larger is if both sides were drawn from one distribution.',
  }),
};

/** What the answers to requests about samples and counts have beside the others. */
export const sampleAnswer = {
  bins: histogram.optional(),
  sampling: z
    .strictObject({ ...sidesSampling, ...divergenceSampling })
    .optional()
    .meta({ id: 'Sampling', description: 'What chance alone makes of the numbers; tensors have the shape of `per_distribution`.' }),
};
