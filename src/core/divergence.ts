import { float64s } from '../memory/small-arrays.ts';
import type { Axes } from '../tensor/axes.ts';
import type { Numbers, Tensor } from '../tensor/tensor.ts';
import { compensatedSum } from './compensated-sum.ts';
import { addPlace, areNamed, type Facts, noPlaces } from './diagnostics.ts';
import { type Side, type SideName, side } from './distribution-reader.ts';
import type { Found } from './kernel.ts';
import type { KindName } from './kinds.ts';
import { type Base, unitOf } from './log-base.ts';
import { logRatioOf } from './log-ratio.ts';
import { otherNormalisedAxis } from './normalized-axis.ts';
import type { Totals } from './reductions.ts';
import { generalisedTerm, term } from './terms.ts';

export type Operand = { readonly tensor: Tensor<Numbers>; readonly kind: KindName };

/** Elements between two looks at whether the result is still wanted. */
const looked = 2 ** 14;

/** `terms` is empty unless it was asked for. */
export type Divergence = Totals & { readonly facts: Facts };

/**
 * D(P ‖ Q) = Σ P·(log P - log Q), P from `target` and Q from `input`: the direction of `F.kl_div(input, target)`.
 * Operands have one shape, which `axes` splits into distributions. Results are in nats, or in units of log `base`.
 * An infinite divergence is a result, not an error. What a kernel has `found` is taken, where it is regular: this is the definition of it.
 * `check` is called now and then, and may throw to end it.
 * @throws RequestError ZERO_MASS where logits are all -Infinity or counts all 0
 */
export function divergence(
  input: Operand,
  target: Operand,
  axes: Axes,
  base: Base,
  wantsTerms: boolean,
  found?: Found,
  check: () => void = () => {},
): Divergence {
  const q = side('input', input.tensor, input.kind, axes);
  const p = side('target', target.tensor, target.kind, axes);
  const logRatio = logRatioOf(p.kind, q.kind);
  // the generalised form equals KL only where both masses are 1
  const generalised = p.kind.normalises && q.kind.normalises;
  const unit = unitOf(base);

  const perDistribution = float64s(axes.starts.length);
  const terms = found?.terms ?? float64s(wantsTerms ? target.tensor.data.length : 0);
  const summands = float64s(axes.steps.length);
  const facts = noFacts(p, q);

  const atOnce = Math.ceil(looked / summands.length);
  for (let d = 0; d < perDistribution.length; d++) {
    if (d % atOnce === 0) check();
    if (found?.regular[d] === 1) {
      perDistribution[d] = found.totals[d] / unit;
      takeRegular(facts, terms, axes, d, unit);
      continue;
    }
    p.read(d);
    q.read(d);
    for (let k = 0; k < summands.length; k++) {
      const mass = p.current.mass[k];
      const ratio = mass === 0 ? 0 : logRatio(p.current, q.current, k);
      const ofTerm = term(mass, ratio);
      const element = axes.starts[d] + axes.steps[k];
      summands[k] = generalised ? generalisedTerm(mass, q.current.mass[k], ratio) : ofTerm;
      if (wantsTerms) terms[element] = ofTerm / unit;
      noteTerm(facts, ofTerm, mass, hasNoMass(q, k), element);
    }
    const total = compensatedSum(summands) / unit;
    perDistribution[d] = total;
    if (total < 0) noteNegative(facts, total, d, p, q);
  }
  noteOtherAxis(facts, 'input', input, axes);
  noteOtherAxis(facts, 'target', target, axes);
  return { terms, perDistribution, sum: compensatedSum(perDistribution), facts };
}

/** Of a distribution that a kernel has done: neither side looks like probabilities, and terms may be negative. */
function takeRegular(facts: Facts, terms: Float64Array, { starts, steps }: Axes, d: number, unit: number): void {
  facts.input.looksLikeProbs = false;
  facts.target.looksLikeProbs = false;
  if (terms.length === 0) return;
  const start = starts[d];
  if (unit !== 1) for (let k = 0; k < steps.length; k++) terms[start + steps[k]] /= unit;
  if (!areNamed(facts.negativeTerms)) {
    for (let k = 0; k < steps.length; k++) if (terms[start + steps[k]] < 0) addPlace(facts.negativeTerms, start + steps[k]);
    return;
  }
  let negative = 0;
  // no branch: half of the terms may be negative, in no order that could be foreseen
  for (let k = 0; k < steps.length; k++) negative += terms[start + steps[k]] < 0 ? 1 : 0;
  facts.negativeTerms.count += negative;
}

function noteTerm(facts: Facts, ofTerm: number, mass: number, inputHasNoMass: boolean, element: number): void {
  if (inputHasNoMass) addPlace(mass === 0 ? facts.zeroOverZero : facts.infiniteTerms, element);
  else if (ofTerm < 0) addPlace(facts.negativeTerms, element);
}

function noFacts(p: Side, q: Side): Facts {
  return {
    input: q.facts,
    target: p.facts,
    infiniteTerms: noPlaces(),
    zeroOverZero: noPlaces(),
    negativeTotals: noPlaces(),
    lowestTotal: undefined,
    negativeTerms: noPlaces(),
  };
}

/** Whether outcome k has a mass of exactly 0, rather than one too small for float64. */
function hasNoMass({ kind, current }: Side, k: number): boolean {
  return current.values[k] === (kind.scale === 'log' ? Number.NEGATIVE_INFINITY : 0);
}

function noteNegative(facts: Facts, value: number, at: number, p: Side, q: Side): void {
  addPlace(facts.negativeTotals, at);
  if (facts.lowestTotal !== undefined && value >= facts.lowestTotal.value) return;
  const massDifference = compensatedSum(p.current.mass.map((mass, k) => mass - q.current.mass[k]));
  facts.lowestTotal = { value, at, targetMass: p.mass(), inputMass: q.mass(), massDifference };
}

function noteOtherAxis(facts: Facts, name: SideName, { tensor, kind }: Operand, axes: Axes): void {
  if (facts[name].offMass.count > 0) facts[name].otherAxis = otherNormalisedAxis(tensor, kind, axes.dims);
}
