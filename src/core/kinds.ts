import { type Domain, largestNumber } from '../tensor/domain.ts';
import { type Distribution, readCounts, readLogits, readLogProbs, readProbs } from './distribution.ts';

/** How a kind's numbers become a distribution. */
export type Kind = {
  readonly meaning: string;
  /** log p and p as one would write them, for `explain`. */
  readonly logProbs: (name: string, along: string) => string;
  readonly probs: (name: string, along: string) => string;
  readonly domain: Domain;
  /** Whether the numbers are logarithms of mass, or mass. */
  readonly scale: 'log' | 'linear';
  /** Whether this service divides by the total mass, so that the distribution sums to 1 whatever was sent. */
  readonly normalizes: boolean;
  /** Reads `distribution.values`, of one distribution, into the rest of it. False when there is no mass to normalise. */
  readonly read: (distribution: Distribution) => boolean;
  /** What the numbers are when `read` is false; only where the kind normalises. */
  readonly noMass?: string;
};

export const kinds = {
  logits: {
    meaning: 'unnormalised log-probabilities; a log-softmax along dim makes them a distribution',
    logProbs: (name, along) => `${name} − log Σ exp(${name}) along ${along}`,
    probs: (name, along) => `exp(${name} − log Σ exp(${name}) along ${along})`,
    domain: { lowest: -Number.MAX_VALUE, highest: largestNumber },
    scale: 'log',
    normalizes: true,
    read: readLogits,
    noMass: 'logits are all -Infinity',
  },
  log_probs: {
    meaning: 'natural logarithms of probabilities, used as they stand',
    logProbs: (name) => name,
    probs: (name) => `exp(${name})`,
    domain: { lowest: -Number.MAX_VALUE, highest: 621, adviceAbove: 'Log-probabilities are 0 at the most: scores are of the kind logits' },
    scale: 'log',
    normalizes: false,
    read: readLogProbs,
  },
  probs: {
    meaning: 'probabilities, used as they stand',
    logProbs: (name) => `log ${name}`,
    probs: (name) => name,
    domain: { lowest: 0, highest: largestNumber },
    scale: 'linear',
    normalizes: false,
    read: readProbs,
  },
  counts: {
    meaning: 'counts or weights from 0 on, divided by their sum along dim',
    logProbs: (name, along) => `log(${name} / Σ ${name} along ${along})`,
    probs: (name, along) => `${name} / Σ ${name} along ${along}`,
    domain: { lowest: 0, highest: largestNumber },
    scale: 'linear',
    normalizes: true,
    read: readCounts,
    noMass: 'counts are all 0',
  },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;

/** Returns the number of a kind that is exactly no mass. */
export function zeroMassOf({ scale }: Pick<Kind, 'scale'>): number {
  return scale === 'log' ? Number.NEGATIVE_INFINITY : 0;
}

/** Log-probabilities of single samples, which are no distribution. A float32 of about 0 may be rounded to a little more than that. */
export const sampledLogProbs = {
  meaning: 'natural logarithms of the probabilities that each side gives to the same samples, one number a sample; `/v1/divergences` only',
  domain: {
    lowest: -Number.MAX_VALUE,
    highest: 1e-4,
    expected: 'the log-probability of a sample, a number from -1e270 to 0, or up to 1e-4 by rounding',
    adviceAbove: 'Send log p, neither p nor -log p, and the weight 0 for padding',
  },
} as const satisfies { readonly meaning: string; readonly domain: Domain };

/** Observations, which are no masses of outcomes. */
export const samples = {
  meaning: 'raw observations, numbers or text in any order, which become counts of bins that both sides share',
} as const;

/** What a side that is a tensor may be: numbers along an axis, or log-probabilities of samples. */
export type TensorKindName = KindName | 'sampled_log_probs';

/** The numbers that a kind admits where logits are divided by `temperature`, so that the quotients keep to its bounds. */
export function domainOf(name: TensorKindName, temperature: number): Domain {
  const { domain } = name === 'sampled_log_probs' ? sampledLogProbs : kinds[name];
  return temperature < 1 ? { ...domain, highest: domain.highest * temperature, where: `at temperature ${temperature}` } : domain;
}

export const kindNames = Object.keys(kinds) as [KindName, ...KindName[]];
