import type { KindName } from '../../../src/core/kinds.ts';
import { exp, fixed, ln, one, over, sqrt, times, toNumber } from './high-precision.ts';

type Masses = readonly bigint[];

/** The masses of a row of numbers, as the kinds define them. */
function massesOf(row: readonly number[], kind: KindName): Masses {
  const isLog = kind === 'logits' || kind === 'log_probs';
  const masses = row.map((value) => (value === Number.NEGATIVE_INFINITY ? 0n : isLog ? exp(fixed(value)) : fixed(value)));
  if (kind === 'probs' || kind === 'log_probs') return masses;
  const total = sum(masses);
  return masses.map((mass) => over(mass, total));
}

const sum = (values: Masses) => values.reduce((a, b) => a + b, 0n);

const infinite = 'infinite';

/** Σ a·ln(a/b), in words: 0 where a is 0, infinite where only b is. */
function relativeEntropy(a: Masses, b: Masses): bigint | typeof infinite {
  if (a.some((mass, k) => mass > 0n && b[k] === 0n)) return infinite;
  return sum(a.map((mass, k) => (mass === 0n ? 0n : times(mass, ln(mass) - ln(b[k])))));
}

function mixture(p: Masses, q: Masses, beta: number): bigint {
  const w = fixed(beta);
  const m = p.map((mass, k) => times(w, mass) + times(one - w, q[k]));
  return times(w, relativeEntropy(p, m) as bigint) + times(one - w, relativeEntropy(q, m) as bigint);
}

function renyi(p: Masses, q: Masses, alpha: number): bigint | typeof infinite {
  const order = fixed(alpha);
  if (alpha > 1 && p.some((mass, k) => mass > 0n && q[k] === 0n)) return infinite;
  const powers = p.map((mass, k) => (mass === 0n || q[k] === 0n ? 0n : exp(times(order, ln(mass)) + times(one - order, ln(q[k])))));
  const total = sum(powers);
  return total === 0n ? infinite : over(ln(over(total, sum(p))), order - one);
}

const definitions: Readonly<Record<string, (p: Masses, q: Masses, parameter: number) => bigint | typeof infinite>> = {
  kl: relativeEntropy,
  reverse_kl: (p, q) => relativeEntropy(q, p),
  jeffreys: (p, q) => {
    const [forward, reverse] = [relativeEntropy(p, q), relativeEntropy(q, p)];
    return forward === infinite || reverse === infinite ? infinite : forward + reverse;
  },
  jensen_shannon: mixture,
  jensen_shannon_distance: (p, q) => sqrt(mixture(p, q, 0.5)),
  renyi,
  cross_entropy: (p, q) => {
    if (p.some((mass, k) => mass > 0n && q[k] === 0n)) return infinite;
    return -sum(p.map((mass, k) => (mass === 0n ? 0n : times(mass, ln(q[k])))));
  },
  hellinger: (p, q) => sqrt(sum(p.map((mass, k) => (sqrt(mass) - sqrt(q[k])) ** 2n)) / (2n * one)),
  total_variation: (p, q) => sum(p.map((mass, k) => (mass > q[k] ? mass - q[k] : q[k] - mass))) / 2n,
  chi_squared: (p, q) => {
    if (p.some((mass, k) => mass > 0n && q[k] === 0n)) return infinite;
    return sum(p.map((mass, k) => (q[k] === 0n ? 0n : over(times(mass - q[k], mass - q[k]), q[k]))));
  },
};

type Side = { readonly row: readonly number[]; readonly kind: KindName };

/** A divergence of one distribution by its textbook formula, in fixed point. */
export function byDefinition(name: string, target: Side, input: Side): number {
  const [base, parameter = '0.5'] = name.split(':');
  const value = definitions[base](massesOf(target.row, target.kind), massesOf(input.row, input.kind), Number(parameter));
  return value === infinite ? Number.POSITIVE_INFINITY : toNumber(value);
}
