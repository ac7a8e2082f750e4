import type { ParametricComparison } from '../closed-forms/closed-forms.ts';
import type { ParameterName } from '../closed-forms/parameters.ts';
import type { ParametricKindName } from '../closed-forms/parametric-kinds.ts';
import { columnOf, type Side, valueAt } from '../closed-forms/side.ts';
import { type Base, unitOf } from '../log-base.ts';
import type { Totals } from '../reductions.ts';
import { cephes } from '../special-functions.ts';
import { gaussianKl } from './gaussian-elimination.ts';
import { plainSum } from './plain-sum.ts';

/** The parameters of a distribution. */
type Values = Readonly<Record<ParameterName, number>>;

/** KL(P ‖ Q) in nats as a textbook has it, which loses its digits where P ≈ Q. */
type Formula = (p: Values, q: Values) => number;

/**
 * KL from parameters by the formula that `explain` shows, with plain sums, sharing no arithmetic with the core that it stands beside; NaN
 * for a distribution of weight 0. torch.distributions computes these formulas:
 * https://github.com/pytorch/pytorch/blob/main/torch/distributions/kl.py
 */
export function closedFormTextbook({ kind, sides, axes, weights }: ParametricComparison, base: Base): Totals {
  const { distributionOffsets, outcomeOffsets } = axes;
  const unit = unitOf(base);
  const formula = formulas[kind];
  const terms = new Float64Array(formula === undefined ? 0 : distributionOffsets.length * outcomeOffsets.length);
  const perDistribution = new Float64Array(distributionOffsets.length);
  for (const [d, start] of distributionOffsets.entries()) {
    const places = [...outcomeOffsets].map((step) => start + step);
    if (weights?.[d] === 0) {
      for (const place of places) if (formula !== undefined) terms[place] = Number.NaN;
      perDistribution[d] = Number.NaN;
    } else if (formula === undefined) {
      perDistribution[d] = jointKl(kind, sides.target, sides.input, d, places) / unit;
    } else {
      for (const place of places) terms[place] = formula(valuesAt(sides.target, place), valuesAt(sides.input, place)) / unit;
      perDistribution[d] = plainSum(places.map((place) => terms[place]));
    }
  }
  const products = [...perDistribution].map((total, d) => (weights === undefined ? total : weights[d] === 0 ? 0 : weights[d] * total));
  return { terms, perDistribution, sum: plainSum(products) };
}

function valuesAt({ parameters }: Side, element: number): Values {
  return Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, valueAt(columnOf(parameter), element)])) as Values;
}

const variance = ({ scale, log_variance }: Values): number => (scale === undefined ? Math.exp(log_variance) : scale * scale);

const chance = ({ probs, logits }: Values): number => probs ?? 1 / (1 + Math.exp(-logits));

/** x·ln(x / y), 0 where x is 0. */
const relEntr = (x: number, y: number): number => (x === 0 ? 0 : x * Math.log(x / y));

const bernoulliKl: Formula = (p, q) => relEntr(chance(p), chance(q)) + relEntr(1 - chance(p), 1 - chance(q));

/** Of the kinds whose elements are distributions of their own. */
const formulas: Readonly<Partial<Record<ParametricKindName, Formula>>> = {
  normal: (p, q) => 0.5 * (variance(p) / variance(q) + (p.loc - q.loc) ** 2 / variance(q) - 1 - Math.log(variance(p) / variance(q))),
  laplace: (p, q) => {
    const distance = Math.abs(p.loc - q.loc);
    return -Math.log(p.scale / q.scale) + distance / q.scale + (p.scale / q.scale) * Math.exp(-distance / p.scale) - 1;
  },
  exponential: (p, q) => q.rate / p.rate - Math.log(q.rate / p.rate) - 1,
  gamma: ({ concentration: a, rate: r }, { concentration: b, rate: s }) =>
    b * Math.log(r / s) + cephes().lgam(b) - cephes().lgam(a) + (a - b) * cephes().psi(a) + (s - r) * (a / r),
  beta: (p, q) => dirichletKl([p.concentration1, p.concentration0], [q.concentration1, q.concentration0]),
  bernoulli: bernoulliKl,
  poisson: (p, q) => relEntr(p.rate, q.rate) - (p.rate - q.rate),
  geometric: (p, q) => bernoulliKl(p, q) / chance(p),
};

function jointKl(kind: ParametricKindName, p: Side, q: Side, d: number, places: readonly number[]): number {
  if (kind === 'multivariate_normal') return gaussianKl(p, q, d, places.length);
  const [a, b] = [p, q].map((side) => places.map((place) => valuesAt(side, place).concentration));
  return dirichletKl(a, b);
}

function dirichletKl(a: readonly number[], b: readonly number[]): number {
  const total = plainSum(a);
  const terms = a.map((x, k) => cephes().lgam(b[k]) - cephes().lgam(x) + (x - b[k]) * (cephes().psi(x) - cephes().psi(total)));
  return cephes().lgam(total) - cephes().lgam(plainSum(b)) + plainSum(terms);
}
