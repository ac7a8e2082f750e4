import { isEstimate } from '../../core/divergences/named-divergence.ts';
import { localFormOf } from '../../core/sampling/local-forms.ts';
import { type SampleOutputName, sampleOutputNames } from '../../schema/inference/sample-outputs.ts';
import { wantsSampling } from '../../schema/sample-options.ts';
import { type DenseRequest, type DivergenceRequest, isDenseRequest } from '../divergence-request.ts';
import type { ModelName } from './models.ts';

type Row = {
  /** Which requests have it. */
  readonly about: string;
  /** The models that have it; all of distributions when left out. */
  readonly isOfModel?: (model: ModelName) => boolean;
  /** Its shape; undefined where the request does not have it. @param rest the shape of `per_distribution` */
  readonly shape: (request: DenseRequest, rest: readonly number[]) => readonly number[] | undefined;
};

const counts: Row = { about: 'samples in bins', shape: ({ binned }, rest) => binned && [...rest, binned.bins] };

const missing: Row = {
  about: 'samples with "missing": "category"',
  shape: ({ binned }, rest) => (binned?.hasMissing ? rest : undefined),
};

const sampling: Row = {
  about: 'samples, and counts with "sampling": true',
  shape: (request, rest) => (wantsSampling(request) ? rest : undefined),
};

const chance: Row = {
  ...sampling,
  isOfModel: (model) => localFormOf({ name: model === 'kl_div' ? 'kl' : model }).curvature !== undefined,
};

const interval: Row = {
  about: 'requests with confidence',
  shape: (request, rest) => (request.confidence === undefined ? undefined : sampling.shape(request, rest)),
};

const rows: Readonly<Record<SampleOutputName, Row>> = {
  'bins.edges': { ...counts, shape: ({ binned }) => binned && [binned.bins + 1] },
  'bins.counts.input': counts,
  'bins.counts.target': counts,
  'bins.missing.input': missing,
  'bins.missing.target': missing,
  'sampling.input_size': sampling,
  'sampling.target_size': sampling,
  'sampling.p_value': sampling,
  'sampling.expected_by_chance': chance,
  'sampling.chance_bound': chance,
  'sampling.interval.lower': interval,
  'sampling.interval.upper': interval,
};

export function isSampleOutput(name: string): name is SampleOutputName {
  return Object.hasOwn(rows, name);
}

/** The outputs about samples, and about what sampling makes of counts, that a model has. */
export function sampleOutputsOf(model: ModelName): readonly SampleOutputName[] {
  if (model !== 'kl_div' && isEstimate({ name: model })) return [];
  return sampleOutputNames.filter((name) => rows[name].isOfModel?.(model) ?? true);
}

/** The shape of such an output; undefined where the request does not have it. @param rest the shape of `per_distribution` */
export function sampleOutputShape(
  name: SampleOutputName,
  model: ModelName,
  request: DivergenceRequest,
  rest: readonly number[],
): readonly number[] | undefined {
  return isDenseRequest(request) && sampleOutputsOf(model).includes(name) ? rows[name].shape(request, rest) : undefined;
}

/** Why a request does not have such an output. */
export function whyEmpty(name: SampleOutputName, model: ModelName): string {
  return sampleOutputsOf(model).includes(name) ? `of ${rows[name].about}, so it is empty` : `the model ${model} has none, so it is empty`;
}
