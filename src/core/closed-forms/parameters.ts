import { type Domain, largestNumber } from '../../tensor/domain.ts';
import { type SideName, sideNames } from '../comparison.ts';

/** The parameters of all kinds, by the names that torch.distributions has for them. */
export const parameterNames = [
  'loc',
  'scale',
  'log_variance',
  'rate',
  'concentration',
  'concentration1',
  'concentration0',
  'probs',
  'logits',
  'covariance_matrix',
  'scale_tril',
  'precision_matrix',
] as const;

export type ParameterName = (typeof parameterNames)[number];

/** A parameter of a side, as formats call it that have one name for each tensor. */
export type ParameterTensor = `${SideName}.${ParameterName}`;

export const parameterTensors = sideNames.flatMap((side) => parameterNames.map((name): ParameterTensor => `${side}.${name}`));

export function isParameterName(name: string): name is ParameterName {
  return (parameterNames as readonly string[]).includes(name);
}

/** The numbers that a parameter may hold, and what a caller is told who sends others. */
export type ParameterDomain = Domain & { readonly expected: string };

/** A number above 0: the least that float64 has. */
const leastPositive = Number.MIN_VALUE;

const common = { finiteOnly: true, outside: 'PARAMETER_OUT_OF_DOMAIN' } as const;

export const real = (what: string): ParameterDomain => ({
  ...common,
  lowest: -largestNumber,
  highest: largestNumber,
  expected: `${what}, a number between -${largestNumber} and ${largestNumber}`,
});

export const positive = (what: string): ParameterDomain => ({
  ...common,
  lowest: leastPositive,
  highest: largestNumber,
  expected: `${what}, a number above 0, up to ${largestNumber}`,
});

/** Of gamma functions: the products and quotients in their gaps stay inside float64. */
export const moderate = (what: string): ParameterDomain => ({
  ...common,
  lowest: 1e-100,
  highest: 1e100,
  expected: `${what}, a number between 1e-100 and 1e100`,
});

/** A logit whose probability float64 can hold. */
export const moderateLogit: ParameterDomain = {
  ...common,
  lowest: -700,
  highest: largestNumber,
  expected: `a logit, a number from -700 to ${largestNumber}`,
};

export const fromZero = (what: string): ParameterDomain => ({
  ...common,
  lowest: 0,
  highest: largestNumber,
  expected: `${what}, a number from 0 to ${largestNumber}`,
});

export const share = (lowest: number, expected: string): ParameterDomain => ({ ...common, lowest, highest: 1, expected });

/** A probability that is not 0. */
export const leastShare = leastPositive;

/** The logarithm of a variance, whose scale float64 can hold. */
export const logVariance: ParameterDomain = {
  ...common,
  lowest: -1400,
  highest: 1400,
  expected: 'the natural logarithm of a variance, a number between -1400 and 1400',
};
