import { z } from 'zod';

/** A value that passes through unchecked, for its reader to check, and its form in the document. */
export const passed = (override: Readonly<Record<string, unknown>>) => z.unknown().optional().meta({ override });

/** The options about samples and sampling, which may come as text here. */
export const sampleParameters = {
  estimator: passed({
    type: 'string',
    enum: ['bins', 'knn'],
    description: 'Of the kind `samples`: what they are compared by. `"bins"` when left out.',
  }),
  k: passed({
    type: 'integer',
    minimum: 1,
    description: 'With `"estimator": "knn"`: the distance to which neighbour is taken. 5 when left out.',
  }),
  bins: passed({
    anyOf: [{ type: 'integer', minimum: 1 }, { type: 'string' }],
    description: 'Of the kind `samples`: a rule, how many bins of equal width, or edges as text: `"0,10,20"`. `"doane"` when left out.',
  }),
  missing: passed({
    type: 'string',
    enum: ['refuse', 'category'],
    description: 'Of the kind `samples`: whether NaN is refused, or an outcome of its own. `"refuse"` when left out.',
  }),
  sampling: passed({
    type: 'boolean',
    description:
      'Of the kinds `samples` and `counts`: whether to say what sampling makes of the divergence. `true` for `samples` when left out.',
  }),
  confidence: passed({
    type: 'number',
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
    description: 'Asks for confidence intervals: the outputs `sampling.interval.lower` and `sampling.interval.upper`.',
  }),
  seed: passed({
    type: 'integer',
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Which random numbers draw the observations for `confidence`. 0 when left out.',
  }),
};
