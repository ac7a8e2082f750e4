import type { z } from 'zod';
import { sideNames } from '../core/comparison.ts';
import type { Fault } from '../errors/request-error.ts';
import { invalidField } from './parse.ts';
import type { AnyKindName, klOptions } from './request.ts';

type Options = z.infer<typeof klOptions>;

/** Whether the answer says what sampling makes of its numbers: unless asked, it does of samples. */
export function wantsSampling({
  sampling,
  confidence,
  input_kind: kind,
  estimator,
}: Pick<Options, 'sampling' | 'confidence' | 'input_kind' | 'estimator'>): boolean {
  return sampling ?? ((kind === 'samples' && estimator !== 'knn') || confidence !== undefined);
}

/** What is wrong with the options about samples and sampling together. */
export function sampleFaults(options: Options): Fault[] {
  const kinds = sideNames.map((name) => options[`${name}_kind`]);
  return kinds.includes('samples') ? faultsOfSamples(options, kinds) : faultsOfOthers(options, kinds);
}

function faultsOfSamples({ dim, rest, sampling, ...options }: Options, kinds: readonly AnyKindName[]): Fault[] {
  const other = sideNames.find((_, index) => kinds[index] !== 'samples');
  const faults: Fault[] = [];
  if (other !== undefined) {
    faults.push(
      invalidField(`${other}_kind`, 'samples are compared with samples: expected "samples" on both sides, as they get their bins together'),
    );
  }
  if (dim !== undefined && dim !== -1)
    faults.push(invalidField('dim', 'samples are rows of observations, which lie along the last axis: leave dim out'));
  if (rest !== 'zero') faults.push(invalidField('rest', 'samples are no lists of outcomes, whose rest it is about: leave rest out'));
  faults.push(...faultsOfEstimator({ sampling, ...options }));
  return [...faults, ...faultsOfInterval({ ...options, sampling: sampling ?? true })];
}

/** What belongs to bins, or to neighbours. */
function faultsOfEstimator({
  estimator = 'bins',
  k,
  bins,
  missing,
  pseudocount,
  sampling,
  confidence,
}: Omit<Options, 'dim' | 'rest'>): Fault[] {
  if (estimator === 'bins')
    return k === undefined ? [] : [invalidField('k', 'k is about neighbours: say "estimator": "knn", or leave k out')];
  const ofBins = { bins, missing, pseudocount: pseudocount === 0 ? undefined : pseudocount, sampling: sampling || undefined, confidence };
  return Object.entries(ofBins)
    .filter(([, value]) => value !== undefined)
    .map(([field]) => invalidField(field, `${field} is about samples in bins, and estimator is knn: leave one of the two out`));
}

function faultsOfOthers(options: Options, kinds: readonly AnyKindName[]): Fault[] {
  const faults = (['bins', 'missing', 'estimator', 'k'] as const)
    .filter((field) => options[field] !== undefined)
    .map((field) =>
      invalidField(field, `${field} is about samples: say "input_kind": "samples" and "target_kind": "samples", or leave it out`),
    );
  const asked = (['sampling', 'confidence'] as const).find((field) => options[field] !== undefined && options[field] !== false);
  if (asked !== undefined && kinds.some((kind) => kind !== 'counts')) {
    const detail = `${asked} is about numbers of observations, which only samples and counts have: the kinds here are ${kinds.join(' and ')}`;
    return [...faults, invalidField(asked, detail)];
  }
  return [...faults, ...faultsOfInterval(options)];
}

function faultsOfInterval({ sampling, confidence, seed }: Pick<Options, 'sampling' | 'confidence' | 'seed'>): Fault[] {
  if (confidence !== undefined && sampling === false) {
    return [invalidField('confidence', 'a confidence interval is a part of sampling, which is false here: leave one of the two out')];
  }
  if (seed !== undefined && confidence === undefined) {
    return [invalidField('seed', 'seed draws the observations for a confidence interval: add "confidence": 0.95, or leave it out')];
  }
  return [];
}
