import { dirichlet } from './dirichlet.ts';
import { multivariateNormal } from './multivariate-normal.ts';
import { normal, normalSum } from './normal.ts';
import {
  fromZero,
  leastShare,
  logVariance,
  moderate,
  moderateLogit,
  type ParameterDomain,
  type ParameterName,
  positive,
  real,
  share,
} from './parameters.ts';
import type { Joint, Sum, Term } from './side.ts';
import { bernoulli, beta, exponential, gamma, geometric, laplace, poisson } from './univariate.ts';

/** A family of distributions that are told by their parameters, and KL between two of them. */
export type ParametricKind = {
  readonly meaning: string;
  /** The name of its class in torch.distributions. */
  readonly torch: string;
  /** What each parameter may hold. */
  readonly parameters: Readonly<Partial<Record<ParameterName, ParameterDomain>>>;
  /** What must be given: one of each list. */
  readonly choices: readonly (readonly ParameterName[])[];
  /** How many axes at the end of a parameter belong to one distribution, where it is a vector or a matrix. */
  readonly eventAxes?: Readonly<Partial<Record<ParameterName, number>>>;
  /** KL as one would write it, with P's parameters first, and where it is from. */
  readonly formula: string;
  readonly source: string;
} & (
  | {
      /** KL of the distribution that an element is; `dim` sums independent ones. */
      readonly term: Term;
      /** A faster way to their sum. */
      readonly sum?: Sum;
    }
  | {
      /** KL of the distribution that lies along `dim`. */
      readonly joint: Joint;
    }
);

const gil =
  'M. Gil, F. Alajaji, T. Linder: Rényi divergence measures for commonly used univariate continuous distributions, Information Sciences 249 (2013), doi:10.1016/j.ins.2013.06.018';
const exponentialFamilies =
  'the Bregman divergence of its log-normaliser, as of every exponential family: F. Nielsen, R. Nock, On Rényi and Tsallis entropies and divergences for exponential families, arXiv:1105.3259';

const standardDeviation = { ...positive('a standard deviation'), adviceBelow: 'Did you mean log_variance?' };

const chances = { probs: share(0, 'a probability from 0 to 1'), logits: real('a logit') };

/** Every kind that has closed forms: schema, `/v1/info`, documentation and `explain` follow. */
export const parametricKinds = {
  normal: {
    meaning: 'normal distributions, by `loc`, the mean, and `scale`, the standard deviation, or `log_variance`',
    torch: 'Normal',
    parameters: { loc: real('a mean'), scale: standardDeviation, log_variance: logVariance },
    choices: [['loc'], ['scale', 'log_variance']],
    formula: 'ln(σ₂/σ₁) + (σ₁² + (μ₁ − μ₂)²) / (2·σ₂²) − 1/2',
    source: gil,
    term: normal,
    sum: normalSum,
  },
  laplace: {
    meaning: 'Laplace distributions, by `loc` and `scale`',
    torch: 'Laplace',
    parameters: { loc: real('a location'), scale: positive('a scale') },
    choices: [['loc'], ['scale']],
    formula: 'ln(b₂/b₁) + |μ₁ − μ₂|/b₂ + (b₁/b₂)·exp(−|μ₁ − μ₂|/b₁) − 1',
    source: gil,
    term: laplace,
  },
  exponential: {
    meaning: 'exponential distributions, by `rate`',
    torch: 'Exponential',
    parameters: { rate: positive('a rate') },
    choices: [['rate']],
    formula: 'ln(λ₁/λ₂) + λ₂/λ₁ − 1',
    source: gil,
    term: exponential,
  },
  gamma: {
    meaning: 'gamma distributions, by `concentration`, the shape, and `rate`, one over the scale',
    torch: 'Gamma',
    parameters: { concentration: moderate('a concentration'), rate: moderate('a rate') },
    choices: [['concentration'], ['rate']],
    formula: '(α₁ − α₂)·ψ(α₁) − ln Γ(α₁) + ln Γ(α₂) + α₂·ln(λ₁/λ₂) + α₁·(λ₂ − λ₁)/λ₁',
    source: gil,
    term: gamma,
  },
  beta: {
    meaning: 'beta distributions, by `concentration1` and `concentration0`, often called α and β',
    torch: 'Beta',
    parameters: { concentration1: moderate('a concentration'), concentration0: moderate('a concentration') },
    choices: [['concentration1'], ['concentration0']],
    formula: 'ln B(α₂, β₂) − ln B(α₁, β₁) + (α₁ − α₂)·ψ(α₁) + (β₁ − β₂)·ψ(β₁) + (α₂ − α₁ + β₂ − β₁)·ψ(α₁ + β₁)',
    source: gil,
    term: beta,
  },
  bernoulli: {
    meaning: 'Bernoulli distributions, by `probs`, the probability of 1, or `logits`, its log-odds',
    torch: 'Bernoulli',
    parameters: chances,
    choices: [['probs', 'logits']],
    formula: 'p₁·ln(p₁/p₂) + (1 − p₁)·ln((1 − p₁)/(1 − p₂))',
    source: 'the definition of KL, over the outcomes 1 and 0',
    term: bernoulli,
  },
  poisson: {
    meaning: 'Poisson distributions, by `rate`, the mean',
    torch: 'Poisson',
    parameters: { rate: fromZero('a rate') },
    choices: [['rate']],
    formula: 'λ₁·ln(λ₁/λ₂) − λ₁ + λ₂',
    source: exponentialFamilies,
    term: poisson,
  },
  geometric: {
    meaning:
      'geometric distributions, of the failures before a success, by `probs`, the probability of a success, or `logits`, its log-odds',
    torch: 'Geometric',
    parameters: { probs: share(leastShare, 'a probability above 0, up to 1'), logits: moderateLogit },
    choices: [['probs', 'logits']],
    formula: '(p₁·ln(p₁/p₂) + (1 − p₁)·ln((1 − p₁)/(1 − p₂))) / p₁',
    source: exponentialFamilies,
    term: geometric,
  },
  dirichlet: {
    meaning: 'Dirichlet distributions, by `concentration` along `dim`',
    torch: 'Dirichlet',
    parameters: { concentration: moderate('a concentration') },
    choices: [['concentration']],
    formula: 'ln Γ(Σ α₁) − ln Γ(Σ α₂) + Σ (ln Γ(α₂) − ln Γ(α₁)) + Σ (α₁ − α₂)·(ψ(α₁) − ψ(Σ α₁))',
    source: gil,
    joint: dirichlet,
  },
  multivariate_normal: {
    meaning:
      'multivariate normal distributions, by `loc`, whose last axis has their coordinates, and `covariance_matrix`, `scale_tril`, its Cholesky factor, or `precision_matrix`, its inverse',
    torch: 'MultivariateNormal',
    parameters: {
      loc: real('a mean'),
      covariance_matrix: real('a covariance'),
      scale_tril: real('an entry of a Cholesky factor'),
      precision_matrix: real('an entry of a precision matrix'),
    },
    choices: [['loc'], ['covariance_matrix', 'scale_tril', 'precision_matrix']],
    eventAxes: { loc: 1, covariance_matrix: 2, scale_tril: 2, precision_matrix: 2 },
    formula: '½·(tr(Σ₂⁻¹·Σ₁) − n + (μ₁ − μ₂)ᵀ·Σ₂⁻¹·(μ₁ − μ₂) + ln(det Σ₂ / det Σ₁))',
    source: gil,
    joint: multivariateNormal,
  },
} as const satisfies Record<string, ParametricKind>;

export type ParametricKindName = keyof typeof parametricKinds;

export const parametricKindNames = Object.keys(parametricKinds) as [ParametricKindName, ...ParametricKindName[]];

export function parametricKind(name: ParametricKindName): ParametricKind {
  return parametricKinds[name];
}

export function isParametric(kind: string): kind is ParametricKindName {
  return Object.hasOwn(parametricKinds, kind);
}

/** What a parameter of a kind may hold; undefined where the kind has none of this name. */
export function parameterDomain(kind: ParametricKindName, name: string): ParameterDomain | undefined {
  const { parameters } = parametricKind(kind);
  return Object.hasOwn(parameters, name) ? parameters[name as ParameterName] : undefined;
}

/** The axes at the end of a parameter that belong to one distribution. */
export function eventAxesOf(kind: ParametricKindName, name: ParameterName): number {
  return parametricKind(kind).eventAxes?.[name] ?? 0;
}
