import { type ParametricKindName, parametricKind } from '../core/closed-forms/parametric-kinds.ts';
import { type SideName, sideNames } from '../core/comparison.ts';
import { type Fault, RequestError, reportedFaults } from '../errors/request-error.ts';
import { appendPointer, quote } from '../errors/wording.ts';
import { nearest } from '../schema/nearest.ts';

/** What parameters are called elsewhere. Those that another one stands for come with what to send. */
const foreignNames: Readonly<Record<string, string>> = {
  mu: 'loc',
  mean: 'loc',
  location: 'loc',
  sigma: 'scale',
  std: 'scale',
  stddev: 'scale',
  b: 'scale',
  logvar: 'log_variance',
  log_var: 'log_variance',
  var: 'scale, which is the square root of the variance, or log_variance',
  variance: 'scale, which is the square root of the variance, or log_variance',
  log_std: 'log_variance, which is twice the logarithm of the scale',
  log_sigma: 'log_variance, which is twice the logarithm of the scale',
  log_scale: 'log_variance, which is twice the logarithm of the scale',
  lambda: 'rate',
  lam: 'rate',
  rates: 'rate',
  theta: 'rate, which is one over the scale',
  alpha: 'concentration',
  alphas: 'concentration',
  a: 'concentration',
  k: 'concentration',
  shape: 'concentration',
  p: 'probs',
  prob: 'probs',
  logit: 'logits',
  cov: 'covariance_matrix',
  covariance: 'covariance_matrix',
  precision: 'precision_matrix',
};

/** Foreign names that mean another parameter for one kind than they do for the others. */
const ownForeignNames: Readonly<Partial<Record<ParametricKindName, Readonly<Record<string, string>>>>> = {
  beta: { alpha: 'concentration1', a: 'concentration1', beta: 'concentration0', b: 'concentration0' },
  gamma: { beta: 'rate', b: 'rate', scale: 'rate, which is one over the scale' },
  exponential: { scale: 'rate, which is one over the scale' },
};

/**
 * Checks that both sides have the parameters of a kind: no others, and of alternatives one.
 * @param given the names of the tensors that the request has: `input.loc`, `weights`
 * @throws RequestError UNKNOWN_FIELD, INVALID_VALUE
 */
export function checkGivenParameters(kind: ParametricKindName, given: readonly string[]): void {
  const sides = sideNames.map((side) => {
    const names = given.filter((name) => name.startsWith(`${side}.`)).map((name) => name.slice(side.length + 1));
    return { side, names, unknown: names.filter((name) => !knownNames(kind).includes(name)) };
  });
  // unknown names come first: they often explain what is missing
  const unknown = sides.flatMap(({ side, unknown }) => unknown.map((name) => ({ side, name })));
  const missing = sides.flatMap(({ side, names, unknown }) => (unknown.length > 0 ? [] : missingFaults(kind, side, names)));
  const count = unknown.length + missing.length;
  const told = unknown.slice(0, reportedFaults).map(({ side, name }) => unknownFault(kind, side, name));
  if (count > 0) throw new RequestError([...told, ...missing], count);
}

function knownNames(kind: ParametricKindName): readonly string[] {
  return Object.keys(parametricKind(kind).parameters);
}

function unknownFault(kind: ParametricKindName, side: SideName, name: string): Fault {
  const meant = likelyMeant(kind, name);
  const hint = meant === undefined ? `its parameters are ${inWords(kind)}` : `here it is ${meant}`;
  return { pointer: appendPointer(`#/${side}`, name), code: 'UNKNOWN_FIELD', detail: `${kind} has no parameter ${quote(name)}: ${hint}` };
}

function likelyMeant(kind: ParametricKindName, name: string): string | undefined {
  const lower = name.toLowerCase();
  const names = { ...foreignNames, ...ownForeignNames[kind] };
  const meant = Object.hasOwn(names, lower) ? names[lower] : nearest(name, knownNames(kind));
  return meant !== undefined && knownNames(kind).includes(meant.split(',')[0]) ? meant : undefined;
}

function missingFaults(kind: ParametricKindName, side: SideName, names: readonly string[]): Fault[] {
  return parametricKind(kind).choices.flatMap((choice): Fault[] => {
    const own = choice.filter((name) => names.includes(name));
    if (own.length === 1) return [];
    const words = choice.length === 1 ? `the parameter ${choice[0]}` : `one of the parameters ${choice.join(', ')}`;
    const detail = `expected ${words} of ${kind}, got ${own.length === 0 ? 'none' : own.join(' and ')}`;
    return [{ pointer: own.length === 0 ? `#/${side}` : `#/${side}/${own[1]}`, code: 'INVALID_VALUE', detail }];
  });
}

/** `loc, and scale or log_variance` */
export function inWords(kind: ParametricKindName): string {
  return parametricKind(kind)
    .choices.map((choice) => choice.join(' or '))
    .join(', and ');
}
