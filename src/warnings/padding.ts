import { sideNames } from '../core/comparison.ts';
import { addIndex, emptySample, type IndexSample } from '../core/diagnostics.ts';
import { kinds } from '../core/kinds.ts';
import { isConstant } from '../core/shares.ts';
import { elementOf, type Numbers, type Tensor } from '../tensor/tensor.ts';
import { countAndIndices, type Finding, quantity, type WarningContext } from './warning.ts';

/** The number that labels without meaning carry in PyTorch (`ignore_index`). */
const ignored = -100;

/** Of more distributions, this many are looked at first: padding that is worth a word shows among them. */
const sampled = 2 ** 9;

/** Distributions that look like padding beside others that do not, where the result averages over them. */
export function paddingSuspected(answered: WarningContext): Finding[] {
  if (answered.axes.distributionOffsets.length === 1) return [];
  const padded = answered.seen?.padded ?? paddedIn(answered);
  return padded.count === 0 || padded.count === answered.read.distributionOffsets.length ? [] : [findingOf(padded, answered)];
}

function paddedIn(answered: WarningContext): IndexSample {
  const { axes } = answered;
  const padded = emptySample();
  // what pads a list is no outcome, and a list may have one alone
  if (axes.rows !== undefined) return padded;
  const total = axes.distributionOffsets.length;
  const isPadding = paddingTest(answered);
  if (total > sampled && !anyOf(total, isPadding)) return padded;
  for (let d = 0; d < total; d++) if (isPadding(d)) addIndex(padded, d);
  return padded;
}

function findingOf(padded: IndexSample, { axes }: WarningContext): Finding {
  const total = axes.distributionOffsets.length;
  return {
    pointer: '#/input',
    message:
      `${quantity(padded.count, 'distribution', total)} ${padded.count === 1 ? 'has' : 'have'} one number throughout on both sides, or ${ignored} throughout on one, as ` +
      'padding has: each counts as a distribution in every mean. Leave them out, or send "weights" with 0 for each of them.',
    details: { distributions: total, ...countAndIndices(padded, axes.shape) },
  };
}

/** Whether distribution d looks like padding. Numbers that are equal throughout are a mass of 1 / n each, and so have no divergence. */
export function paddingTest({
  operands,
  axes,
  perDistribution,
  weights,
}: Pick<WarningContext, 'operands' | 'axes' | 'perDistribution' | 'weights'>): (d: number) => boolean {
  const { distributionOffsets, outcomeOffsets } = axes;
  const input = operands.input.tensor;
  const target = operands.target.tensor;
  // two outcomes of one half each are plausible as masses
  const fewest = sideNames.every((name) => kinds[operands[name].kind].scale === 'log') ? 2 : 3;
  if (outcomeOffsets.length < fewest) return () => false;
  // two numbers tell of most
  const isOneNumber = (tensor: Tensor<Numbers>, start: number) =>
    elementOf(tensor, start) === elementOf(tensor, start + outcomeOffsets[1]) && isConstant(tensor.data, start, outcomeOffsets);
  return (d) => {
    if (weights?.[d] === 0) return false;
    const start = distributionOffsets[d];
    if (perDistribution[d] === 0) return isOneNumber(input, start) && isOneNumber(target, start);
    if (elementOf(input, start) === ignored && isOneNumber(input, start)) return true;
    return elementOf(target, start) === ignored && isOneNumber(target, start);
  };
}

/** Whether distribution d is one of those that are looked at first. */
export function isLookedAt(d: number, total: number): boolean {
  if (total <= sampled) return true;
  const step = total / sampled;
  const near = Math.round(d / step);
  return [near, near + 1].some((taken) => taken < sampled && Math.floor(taken * step) === d);
}

function anyOf(total: number, isPadding: (d: number) => boolean): boolean {
  const step = total / sampled;
  for (let taken = 0; taken < sampled; taken++) if (isPadding(Math.floor(taken * step))) return true;
  return false;
}
