import { type SideName, sideNames } from '../core/comparison.ts';
import { massTolerance, type SideDiagnostics } from '../core/diagnostics.ts';
import { kinds, sampledLogProbs } from '../core/kinds.ts';
import { lookalikeOf, mayBeLogProbsOnOtherAxes, sharesOnOtherAxes } from '../core/lookalike.ts';
import { exponentials } from '../core/other-logarithm.ts';
import { isConstant, sharesAlong } from '../core/shares.ts';
import { type Axes, dimsInWords, offsetsIn } from '../tensor/axes.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import { elementOf, type Numbers, unravel } from '../tensor/tensor.ts';
import { atIndex, countAndIndices, type Finding, inWords, massInWords, quantity, type WarningContext } from './warning.ts';

/** A mass that is off 1 by more is not that of rounded numbers. */
const notRounding = 1e-2;

/** Of a distribution this many outcomes are looked at: log-probabilities along another axis have more mass than 1 among so many. */
const mostLookedAt = 2 ** 12;

/** What to do where the masses of both sides differ. */
export const toNormalize = 'Normalise both sides, or send probabilities as counts and log-probabilities as logits.';

function onEachSide(
  answered: WarningContext,
  find: (name: SideName, facts: SideDiagnostics, answered: WarningContext) => Finding | undefined,
): Finding[] {
  const findings: Finding[] = [];
  for (const name of sideNames) {
    const finding = find(name, answered.facts[name], answered);
    if (finding !== undefined) findings.push(finding);
  }
  return findings;
}

/** Sides whose distributions do not sum to 1 along dim. */
export function notNormalized(answered: WarningContext): Finding[] {
  return onEachSide(answered, offMass);
}

/** Sides whose numbers sum to 1 along other axes than dim. */
export function normalizedOnOtherDim(answered: WarningContext): Finding[] {
  return onEachSide(answered, sumsElsewhere);
}

function offMass(name: SideName, facts: SideDiagnostics, answered: WarningContext): Finding | undefined {
  if (facts.offMass.count === 0) return undefined;
  const { axes } = answered;
  const sums = facts.kind === 'probs' ? 'Σ p' : 'Σ exp(log p)';
  return {
    pointer: `#/${name}`,
    message:
      `${sums} along ${dimsInWords(axes.dims)} differs from 1 in ${quantity(facts.offMass.count, 'distribution', axes.distributionOffsets.length)} of ${name}, the farthest ` +
      `${massInWords(facts.worstMass)}${atIndex(facts.worstAt, axes.shape)}: the numbers are used as they stand, so the result is not ` +
      `a ${answered.noun} and may be negative. ${wayOut(name, facts, answered)}`,
    details: {
      side: name,
      worst_sum: jsonNumber(facts.worstMass),
      worst_index: unravel(facts.worstAt, axes.shape),
      ...countAndIndices(facts.offMass, axes.shape),
    },
  };
}

/** What makes the sums 1: other axes, another kind, or the caller. */
function wayOut(name: SideName, facts: SideDiagnostics, answered: WarningContext): string {
  const isRounded = Math.abs(facts.worstMass - 1) <= notRounding;
  const [usual, normalized] =
    facts.kind === 'probs'
      ? [isRounded ? 'counts, weights or rounded probabilities' : 'counts or weights', 'counts']
      : [isRounded ? 'scores or rounded log-probabilities' : 'scores', 'logits'];
  if (answered.operands[name].tensor.isSpread && facts.worstMass > 0 && facts.worstMass < 1)
    return `If the list is the top of a longer one, send "rest": "bucket"; if it has ${usual}, say so: "${name}_kind": "${normalized}".`;
  const dims = otherDimsOf(name, facts, answered);
  if (dims !== undefined) return `They sum to 1 along ${dimsInWords(dims)}: send that as dim.`;
  if (facts.worstMass === 0) return 'A distribution without mass is often padding: send "weights" with 0 for it.';
  if (isNegated(name, facts, answered))
    return 'The sign looks wrong: with the other sign they are the logarithms of distributions. Send log p, not -log p.';
  const base = otherBaseOf(name, facts, answered);
  if (base !== undefined)
    return `They are logarithms to base ${base} of distributions: multiply them by ln ${base} = ${inWords(Math.log(base))}.`;
  const looks = facts.kind === 'log_probs' ? looksOf(name, answered) : undefined;
  const [likely, kind] = looks === undefined ? [usual, normalized] : [looks.what === 'probs' ? 'probabilities' : looks.what, looks.kind];
  const others = isRounded || answered.seen !== undefined ? '' : othersOf(name, kind, facts, answered);
  return `If they are ${likely}, say "${name}_kind": "${kind}";${others} else normalise them along dim.`;
}

/**
 * What else numbers may be that no rounding has kept from summing to 1. Jobs have nothing of this.
 * @param kind the one that is advised
 */
function othersOf(name: SideName, kind: string, { kind: declared, worstMass }: SideDiagnostics, answered: WarningContext): string {
  if (worstMass < 1) return kind === 'logits' ? ' if they are the top of longer lists, send lists of outcomes with "rest": "bucket";' : '';
  // sums of what a model gave to tokens that follow each other are above 1
  if (kind === 'logits')
    return areUpTo(sampledLogProbs.domain.highest, name, answered) ? ' if each is of another sampled token, "sampled_log_probs";' : '';
  return declared === 'probs' && areUpTo(1, name, answered)
    ? ' if each is a probability of its own, as a sigmoid gives, send them as probs of the kind "bernoulli";'
    : '';
}

/** Whether no number is higher than `highest`. Lists of outcomes are neither samples nor labels. */
function areUpTo(highest: number, name: SideName, { operands, read }: WarningContext): boolean {
  const { data, isSpread = false } = operands[name].tensor;
  return !isSpread && read.distributionOffsets.every((start) => read.outcomeOffsets.every((step) => data[start + step] <= highest));
}

/** The base that log-probabilities are to, where it is one that other programs use. */
function otherBaseOf(name: SideName, { kind }: SideDiagnostics, { operands, read, seen }: WarningContext): number | undefined {
  if (kind !== 'log_probs' || seen !== undefined) return undefined;
  return [2, 10].find((base) => sharesAlong(exponentials(operands[name].tensor.data, Math.log(base)), read, 1) !== undefined);
}

/** Whether log-probabilities have the sign of a loss. */
function isNegated(name: SideName, { kind, worstMass }: SideDiagnostics, { operands, read, seen }: WarningContext): boolean {
  if (kind !== 'log_probs' || worstMass < 1 || seen !== undefined) return false;
  return sharesAlong(exponentials(operands[name].tensor.data, -1), read, 1) !== undefined;
}

function looksOf(name: SideName, { seen, operands, read }: WarningContext) {
  const looks = seen === undefined ? lookalikeOf(operands[name].tensor, read) : seen.lookalikes[name];
  return looks !== undefined && looks.bits > 0 ? looks : undefined;
}

function sumsElsewhere(name: SideName, facts: SideDiagnostics, answered: WarningContext): Finding | undefined {
  const { axes } = answered;
  const isOfLogits = facts.kind === 'logits';
  const dims = isOfLogits ? dimsOfLogProbs(name, answered) : otherDimsOf(name, facts, answered);
  if (dims === undefined) return undefined;
  const dim = dims.length === 1 ? dims[0] : dims;
  return {
    pointer: '#/dim',
    message:
      `${isOfLogits ? `exp(${name})` : name} does not sum to 1 along ${dimsInWords(axes.dims)}, but does along ${dimsInWords(dims)}: the distributions seem to lie there, ` +
      `and the result here mixes several of them. Send "dim": ${JSON.stringify(dim)}.`,
    details: { side: name, dim: axes.dims, normalized_dim: dim },
  };
}

/** The other axes than dim along which logits are normalised, as log-probabilities are. A positive number ends the search. */
function dimsOfLogProbs(name: SideName, { operands, read, seen }: WarningContext): readonly number[] | undefined {
  const { tensor } = operands[name];
  const { distributionOffsets, outcomeOffsets } = read;
  if (seen !== undefined || tensor.isSpread || distributionOffsets.length < 2) return undefined;
  const looked = Math.min(outcomeOffsets.length, mostLookedAt);
  let mass = 0;
  for (let k = 0; k < looked; k++) {
    const value = elementOf(tensor, distributionOffsets[0] + outcomeOffsets[k]);
    if (value > massTolerance) return undefined;
    mass += Math.exp(value);
  }
  const isNormalized = looked < outcomeOffsets.length ? mass < 1 + notRounding : Math.abs(mass - 1) <= notRounding;
  if (isNormalized || !mayBeLogProbsOnOtherAxes(tensor, read) || tensor.data.some((value) => value > massTolerance)) return undefined;
  return sharesOnOtherAxes({ shape: tensor.shape, data: exponentials(tensor.data) }, read)?.axes.dims;
}

/** The axes along which one side is normalised, where it is not along dim, and not because of padding. */
function otherDimsOf(
  name: SideName,
  { offMass }: SideDiagnostics,
  { operands, read, seen }: WarningContext,
): readonly number[] | undefined {
  if (offMass.count === 0 || seen !== undefined) return undefined;
  const { tensor, kind } = operands[name];
  const data = kinds[kind].scale === 'log' ? exponentials(tensor.data) : tensor.data;
  const isPadded = offMass.count < read.distributionOffsets.length && offMass.count === constantOffMass(data, read);
  if (isPadded) return undefined;
  return sharesOnOtherAxes({ shape: tensor.shape, data }, read)?.axes.dims;
}

/** How many distributions are one number throughout, as padding is, and do not sum to 1. */
function constantOffMass(masses: Numbers, axes: Axes): number {
  let count = 0;
  for (const [d, start] of axes.distributionOffsets.entries()) {
    const steps = offsetsIn(axes, d);
    if (isConstant(masses, start, steps) && Math.abs(steps.length * masses[start + steps[0]] - 1) > massTolerance) count++;
  }
  return count;
}
