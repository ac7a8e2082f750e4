import type { z } from 'zod';
import { sideNames } from '../core/comparison.ts';
import type { Fault } from '../errors/request-error.ts';
import type { AnyKindName, klOptions } from './request.ts';

type Options = z.infer<typeof klOptions>;

/** Whether the answer says what sampling makes of its numbers: unless asked, it does of samples. */
export function wantsSampling({
  sampling,
  confidence,
  input_kind: kind,
}: Pick<Options, 'sampling' | 'confidence' | 'input_kind'>): boolean {
  return sampling ?? (kind === 'samples' || confidence !== undefined);
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
      fault(`${other}_kind`, 'samples are compared with samples: expected "samples" on both sides, as they get their bins together'),
    );
  }
  if (dim !== undefined && dim !== -1)
    faults.push(fault('dim', 'samples are rows of observations, which lie along the last axis: leave dim out'));
  if (rest !== 'zero') faults.push(fault('rest', 'samples are no lists of outcomes, whose rest it is about: leave rest out'));
  return [...faults, ...faultsOfInterval({ ...options, sampling: sampling ?? true })];
}

function faultsOfOthers(options: Options, kinds: readonly AnyKindName[]): Fault[] {
  const faults = (['bins', 'missing'] as const)
    .filter((field) => options[field] !== undefined)
    .map((field) => fault(field, `${field} is about samples: say "input_kind": "samples" and "target_kind": "samples", or leave it out`));
  const asked = (['sampling', 'confidence'] as const).find((field) => options[field] !== undefined && options[field] !== false);
  if (asked !== undefined && kinds.some((kind) => kind !== 'counts')) {
    const detail = `${asked} is about numbers of observations, which only samples and counts have: the kinds here are ${kinds.join(' and ')}`;
    return [...faults, fault(asked, detail)];
  }
  return [...faults, ...faultsOfInterval(options)];
}

function faultsOfInterval({ sampling, confidence, seed }: Pick<Options, 'sampling' | 'confidence' | 'seed'>): Fault[] {
  if (confidence !== undefined && sampling === false) {
    return [fault('confidence', 'a confidence interval is a part of sampling, which is false here: leave one of the two out')];
  }
  if (seed !== undefined && confidence === undefined) {
    return [fault('seed', 'seed draws the observations for a confidence interval: add "confidence": 0.95, or leave it out')];
  }
  return [];
}

function fault(field: string, detail: string): Fault {
  return { pointer: `#/${field}`, code: 'INVALID_VALUE', detail };
}
