import { closedDivergences } from '../core/closed-forms/closed-forms.ts';
import { isParametric, type ParametricKindName } from '../core/closed-forms/parametric-kinds.ts';
import { type SideName, sideNames } from '../core/comparison.ts';
import { estimateNames, isEstimate, parseDivergence } from '../core/divergences/named-divergence.ts';
import { type Fault, RequestError, refuse } from '../errors/request-error.ts';
import { invalidField } from './parse.ts';
import type { AnyKindName } from './request.ts';

type Kinds = Readonly<Record<`${SideName}_kind`, AnyKindName>>;

/** Between parameters of one kind and anything else there is no closed form. @throws RequestError INVALID_VALUE */
export function refuseUnlikeKinds({ input_kind: input, target_kind: target }: Kinds): void {
  if (input === target || !(isParametric(input) || isParametric(target))) return;
  const [side, kind, other] = isParametric(target) ? (['input', input, target] as const) : (['target', target, input] as const);
  const detail = `${side}_kind is ${kind}, and the other side is ${other}: a closed form is of one kind, so send "${side}_kind": "${other}", with its parameters`;
  throw refuse('INVALID_VALUE', `#/${side}_kind`, detail);
}

/** @throws RequestError INVALID_VALUE for divergences of parametric distributions that have no closed form */
export function refuseOpenDivergences(kind: ParametricKindName, divergences: readonly string[]): void {
  refuseAllBut(closedDivergences, divergences, (key) => {
    const which = `${closedDivergences.join(', ')} are`;
    return `${key} of ${kind} distributions is not computed from their parameters: ${which}. For others, evaluate both densities on one grid and send them as counts`;
  });
}

/** @throws RequestError INVALID_VALUE for divergences that distances of neighbours do not estimate */
export function refuseBinnedDivergences(divergences: readonly string[]): void {
  refuseAllBut(
    closedDivergences,
    divergences,
    (key) =>
      `${key} is not estimated from neighbours: ${closedDivergences.join(', ')} are. For others, compare the samples in bins, with "estimator": "bins"`,
  );
}

function refuseAllBut(known: readonly string[], divergences: readonly string[], detailOf: (key: string) => string): void {
  const faults = divergences.flatMap((key, position) =>
    known.includes(key) ? [] : [invalidField(`divergences/${position}`, detailOf(key))],
  );
  if (faults.length > 0) throw new RequestError(faults);
}

type AskedOfSamples = Kinds & {
  readonly divergences?: readonly string[] | undefined;
  readonly sampled_from?: SideName | undefined;
};

/**
 * Whether both sides are log-probabilities of samples.
 * @param canEstimate whether the endpoint takes several divergences
 * @throws RequestError INVALID_VALUE for samples on one side only, of a model that is not named, or for what estimates nothing; for
 * estimates of anything but samples
 */
export function refuseUnlikeSamples(options: AskedOfSamples, canEstimate: boolean): boolean {
  const sides = sideNames.filter((name) => options[`${name}_kind`] === 'sampled_log_probs');
  const faults = sides.length === 0 ? estimatesOfOthers(options) : faultsOfSamples(options, sides, canEstimate);
  if (faults.length > 0) throw new RequestError(faults);
  return sides.length > 0;
}

function faultsOfSamples(options: AskedOfSamples, sides: readonly SideName[], canEstimate: boolean): Fault[] {
  const [side] = sides;
  if (!canEstimate) {
    return [
      invalidField(
        `${side}_kind`,
        `a log-probability of a sample is no distribution: POST /v1/divergences estimates ${estimateNames.join(', ')} from samples`,
      ),
    ];
  }
  if (sides.length === 1) {
    const other = side === 'input' ? 'target' : 'input';
    const detail = `${side}_kind is sampled_log_probs: send what both models give to the same samples, with "${other}_kind": "sampled_log_probs"`;
    return [invalidField(`${other}_kind`, detail)];
  }
  const origin = options.sampled_from === undefined ? [missingOrigin()] : [];
  return [
    ...origin,
    ...faultsOf(options, false, (key) => `${key} needs whole distributions: from samples, ask for ${estimateNames.join(', ')}`),
  ];
}

function missingOrigin(): Fault {
  const detail =
    'expected "input" or "target", the model that the samples are from, got nothing: the direction of the estimate follows from it';
  return invalidField('sampled_from', detail);
}

function estimatesOfOthers(options: AskedOfSamples): Fault[] {
  const kind = options.input_kind;
  const what = isParametric(kind) ? `${kind} distributions` : kind;
  return faultsOf(
    options,
    true,
    (key) =>
      `${key} is an estimate from samples, and ${what} are not: ask for kl, or send both sides as sampled_log_probs with sampled_from`,
  );
}

/** A fault for each divergence that is an estimate, or for each that is none. */
function faultsOf({ divergences = [] }: AskedOfSamples, areEstimates: boolean, detailOf: (key: string) => string): Fault[] {
  return divergences.flatMap((key, position) => {
    const divergence = parseDivergence(key);
    const isFault = typeof divergence !== 'string' && isEstimate(divergence) === areEstimates;
    return isFault ? [invalidField(`divergences/${position}`, detailOf(key))] : [];
  });
}
