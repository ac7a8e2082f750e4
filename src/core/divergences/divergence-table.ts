import {
  chiSquaredTerm,
  crossEntropyTerm,
  type Form,
  hellingerTerm,
  jeffreysTerm,
  jensenShannonTerm,
  klSummand,
  klTerm,
  reverseSummand,
  reverseTerm,
  totalVariationTerm,
} from './forms.ts';
import type { Pair } from './pair.ts';
import { renyi } from './renyi.ts';

/** What stands behind the colon of a name. */
export type Parameter = {
  readonly name: 'alpha' | 'beta';
  readonly symbol: string;
  readonly meaning: string;
  /** Its value where the name has no colon; undefined where it must be given. */
  readonly standard?: number;
  /** Bounds, both excluded. */
  readonly above: number;
  readonly below: number;
  /** Values at which another divergence is meant. */
  readonly instead: Readonly<Record<number, 'kl' | 'reverse_kl'>>;
};

export const directions = ['D(target || input)', 'D(input || target)', 'H(target, input)', 'symmetric', 'weighted'] as const;

export type Direction = (typeof directions)[number];

/** Where a divergence is infinite: outcomes that only one side has, or distributions without a common outcome. */
export type InfiniteWhere = 'only_target' | 'only_input' | 'either' | 'disjoint' | 'never';

/** A divergence: how it is computed from a pair of distributions, and what is said of it. */
export type DivergenceRow = {
  readonly meaning: string;
  readonly formula: string;
  /** What it is called elsewhere, as a sentence, and the names by which callers may ask for it. */
  readonly elsewhere: string;
  readonly aliases: readonly string[];
  readonly direction: (parameter: number) => Direction;
  /** Whether it is measured in nats, bits or another unit, so that `base` applies. */
  readonly hasUnit: boolean;
  readonly parameter?: Parameter;
  /** What an outcome adds, as both sides stand. */
  readonly term?: (parameter: number) => Form;
  /** Another form with the same sum where both masses are 1, which is never negative and keeps its digits where P ≈ Q. */
  readonly summand?: Form;
  /** The sum of a distribution, in nats, where it is not that of terms. */
  readonly total?: (parameter: number, pair: Pair, scratch: Float64Array) => number;
  /** What becomes of the sum; a divergence without it is the plain sum of its terms, so that `none` exists. */
  readonly finish?: (sum: number) => number;
  readonly infiniteWhere: (parameter: number) => InfiniteWhere;
  /** Whether a difference of the two masses enters it, which may make it negative. */
  readonly restsOnMasses: boolean;
};

const jensenShannon = { hasUnit: true, infiniteWhere: (): InfiniteWhere => 'never', restsOnMasses: false } as const;

/** Every divergence that a request may ask for. Schema, documentation and answers follow. */
export const divergences = {
  kl: {
    meaning: 'the Kullback-Leibler divergence of P from Q, that of `/v1/kl-divergence`',
    formula: 'Σ P·(log P − log Q)',
    elsewhere: 'forward KL, relative entropy; PyTorch `kl_div`, SciPy `entropy(p, q)`',
    aliases: ['kld', 'kl_divergence', 'forward_kl', 'relative_entropy'],
    direction: () => 'D(target || input)',
    hasUnit: true,
    term: () => klTerm,
    summand: klSummand,
    infiniteWhere: () => 'only_target',
    restsOnMasses: true,
  },
  reverse_kl: {
    meaning: 'the Kullback-Leibler divergence in the other direction, of Q from P',
    formula: 'Σ Q·(log Q − log P)',
    elsewhere: 'mode-seeking KL, exclusive KL',
    aliases: ['kl_reverse', 'backward_kl', 'rkl'],
    direction: () => 'D(input || target)',
    hasUnit: true,
    term: () => reverseTerm,
    summand: reverseSummand,
    infiniteWhere: () => 'only_input',
    restsOnMasses: true,
  },
  jeffreys: {
    meaning: 'the sum of `kl` and `reverse_kl`',
    formula: 'Σ (P − Q)·(log P − log Q)',
    elsewhere: 'PSI, the population stability index; symmetrised KL (the sum, not the mean)',
    aliases: ['psi', 'symmetric_kl', 'population_stability_index', 'j_divergence'],
    direction: () => 'symmetric',
    hasUnit: true,
    term: () => jeffreysTerm,
    infiniteWhere: () => 'either',
    restsOnMasses: false,
  },
  jensen_shannon: {
    ...jensenShannon,
    meaning: 'the Jensen-Shannon divergence: how far both are from their mixture M = β·P + (1 − β)·Q, with β = 1/2 unless it is given',
    formula: 'β·Σ P·(log P − log M) + (1 − β)·Σ Q·(log Q − log M)',
    elsewhere: 'GKD and Liger `beta` is β; DistiLLM `lam` is 1 − β; DistiLLM `js_distance` has no root',
    aliases: ['js', 'jsd', 'js_divergence', 'jensen_shannon_divergence'],
    direction: (beta) => (beta === 0.5 ? 'symmetric' : 'weighted'),
    parameter: {
      name: 'beta',
      symbol: 'β',
      meaning: 'the weight of `target` in the mixture',
      standard: 0.5,
      above: 0,
      below: 1,
      instead: { 0: 'kl', 1: 'reverse_kl' },
    },
    term: jensenShannonTerm,
  },
  jensen_shannon_distance: {
    ...jensenShannon,
    meaning: 'the root of `jensen_shannon`, taken after `base`: a metric',
    formula: '√(½·Σ P·(log P − log M) + ½·Σ Q·(log Q − log M))',
    elsewhere: 'SciPy `jensenshannon`; evidently (base e), NannyML (base 2)',
    aliases: ['js_distance', 'jensenshannon'],
    direction: () => 'symmetric',
    term: () => jensenShannonTerm(0.5),
    finish: Math.sqrt,
  },
  renyi: {
    meaning: "Rényi's divergence of order α",
    formula: 'log(Σ P^α·Q^(1 − α)) / (α − 1)',
    elsewhere: 'α = 1/2 is twice the Bhattacharyya distance; α near 1 is `kl`',
    aliases: ['rényi', 'alpha_divergence'],
    direction: () => 'D(target || input)',
    hasUnit: true,
    parameter: {
      name: 'alpha',
      symbol: 'α',
      meaning: 'the order',
      above: 0,
      below: Number.POSITIVE_INFINITY,
      instead: { 1: 'kl' },
    },
    total: renyi,
    infiniteWhere: (alpha) => (alpha > 1 ? 'only_target' : 'disjoint'),
    restsOnMasses: true,
  },
  cross_entropy: {
    meaning: '`kl` plus the entropy of P, so not 0 where both sides are equal',
    formula: '−Σ P·log Q',
    elsewhere: 'torchtune `ForwardKLLoss`, DistiLLM `forward_kl`',
    aliases: ['ce', 'crossentropy', 'h'],
    direction: () => 'H(target, input)',
    hasUnit: true,
    term: () => crossEntropyTerm,
    infiniteWhere: () => 'only_target',
    restsOnMasses: false,
  },
  hellinger: {
    meaning: 'the Hellinger distance, from 0 to 1: a metric',
    formula: '√(½·Σ (√P − √Q)²)',
    elsewhere: 'evidently and NannyML `hellinger`; √(1 − Bhattacharyya coefficient)',
    aliases: ['hellinger_distance', 'bhattacharyya'],
    direction: () => 'symmetric',
    hasUnit: false,
    term: () => hellingerTerm,
    finish: Math.sqrt,
    infiniteWhere: () => 'never',
    restsOnMasses: false,
  },
  total_variation: {
    meaning: 'the total variation distance, from 0 to 1: the largest difference in the probability of any event',
    formula: '½·Σ |P − Q|',
    elsewhere: 'TV, TVD; 1 − TV is the acceptance rate of speculative decoding',
    aliases: ['tv', 'tvd', 'tv_distance', 'total_variation_distance', 'l1'],
    direction: () => 'symmetric',
    hasUnit: false,
    term: () => totalVariationTerm,
    infiniteWhere: () => 'never',
    restsOnMasses: false,
  },
  chi_squared: {
    meaning: 'the χ² divergence of P from Q',
    formula: 'Σ (P − Q)² / Q',
    elsewhere: "Pearson's χ² divided by the number of observations",
    aliases: ['chi2', 'chisquare', 'chi_square', 'pearson'],
    direction: () => 'D(target || input)',
    hasUnit: false,
    term: () => chiSquaredTerm,
    infiniteWhere: () => 'only_target',
    restsOnMasses: false,
  },
} as const satisfies Record<string, DivergenceRow>;
