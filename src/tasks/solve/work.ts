import { eventAxesOf } from '../../core/closed-forms/parametric-kinds.ts';
import { reductions, selectReductions } from '../../core/reductions.ts';
import { resamples } from '../../core/sampling/interval.ts';
import { selectQuantiles } from '../../core/statistics/statistics.ts';
import { readDistributions } from '../../core/weights.ts';
import {
  type DenseRequest,
  type DivergenceRequest,
  isDenseRequest,
  layoutOfRequest,
  type ParametricRequest,
  type PointsRequest,
} from '../../formats/divergence-request.ts';
import { wantsSampling } from '../../schema/sample-options.ts';
import type { Axes } from '../../tensor/axes.ts';
import { elementCount } from '../../tensor/tensor.ts';

/** Thrown where a body needs more work than its thread may spend on it. The request is not at fault, so this is no RequestError. */
export class TooMuchWork extends Error {}

/** Returns a function that spends work, and throws TooMuchWork once more than `most` is spent. */
export function workBudget(most: number): (work: number) => void {
  let left = most;
  return (work) => {
    left -= work;
    if (left < 0) throw new TooMuchWork();
  };
}

/** The work of a byte of lines: parsing it. */
export const workPerByte = 1;

/** The work of a line beside its bytes: finding the warnings, and framing the answer. */
export const workPerLine = 100;

/** The work of a fault in an answer: its pointer, its text and its JSON. */
export const workPerFault = 100;

/** The work of an observation: reading it on both sides, sorting and counting it. */
const workPerObservation = 6;

/** The work of an entry of a list of outcomes: reading and hashing its outcome, matching it with the other side and writing both. */
const workPerEntry = 4;

/** The work of finding what sampling makes of a count, where distributions are as short as they can be. */
const workPerSampledCount = 12;

/** The work of drawing the observations of an outcome anew, on both sides. */
const workPerDraw = 2;

/**
 * Returns the work of a request: each element as often as it is read, computed or written. Nested lists write a bracket for each axis of an
 * element. The event loop does about 10 000 units in a millisecond.
 */
export function workOf(request: DivergenceRequest): number {
  const { reduction, divergences, statistics } = request;
  const { shape, form } = layoutOfRequest(request);
  const tensors = selectReductions(reduction).filter((name) => 'tensor' in reductions[name]).length;
  // a distribution may have one outcome, and sorting them takes longer than reading them
  const described = selectQuantiles(statistics) === undefined ? 0 : 6;
  const written = tensors * (form === 'nested' ? shape.length : 1) + described;
  if ('points' in request) return workOfNeighbors(request) + elementCount(shape) * written;
  if (!isDenseRequest(request)) return elementCount(shape) * (workPerValue(request) + written);
  // KL is a part of reading; each of several divergences takes as long as half of it
  // lists count as long as the longest: a derivation shows them so
  const elements = elementCount(shape);
  const asked = divergences === undefined ? 1 : new Set(divergences).size;
  const computed = elements * (divergences === undefined ? 2 + written : 2 + asked * (1 + written));
  const matched = (request.listed?.entries ?? 0) * workPerEntry;
  return computed + matched + workOfSampling(request, elements, asked);
}

/** The work of reading samples, and of finding what chance makes of the numbers. */
function workOfSampling(request: DenseRequest, elements: number, asked: number): number {
  const { binned, confidence } = request;
  const sampled = wantsSampling(request) ? elements * workPerSampledCount : 0;
  const drawn = confidence === undefined ? 0 : resamples * elements * (workPerDraw + asked);
  return sampled + drawn + (binned?.observations ?? 0) * workPerObservation;
}

/** Returns how many outcomes all distributions have together on each side. Does not count samples, which takes work. */
export function comparedElements({ input, listed }: DenseRequest): number {
  const { tensor } = input;
  return listed === undefined ? elementCount(tensor.shape) : tensor.data.length;
}

/** Returns how many elements of each side are read. */
export function elementsRead(request: DivergenceRequest, { rows, distributionOffsets, outcomeOffsets }: Axes): number {
  if (isDenseRequest(request) && request.binned !== undefined) return request.binned.observations;
  if (rows !== undefined) return rows.lengths.reduce((sum, length) => sum + length, 0);
  const distributions = distributionOffsets.length;
  const read = readDistributions(distributions, request.weights);
  return isDenseRequest(request) ? read * outcomeOffsets.length : Math.ceil((request.elements * read) / distributions);
}

/** The work of a distribution in its closed form: gamma functions, or for each coordinate its part of the decompositions of matrices. */
function workPerValue({ kind, shape, divergences = ['kl'] }: ParametricRequest): number {
  const coordinates = eventAxesOf(kind, 'loc') === 0 ? 0 : shape[shape.length - 1];
  return 2 * new Set(divergences).size * (10 + (coordinates * coordinates) / 50);
}

/** The work of the neighbours of all points: in many dimensions a tree leaves out nothing, and each point is compared with all others. */
function workOfNeighbors({ points, divergences = ['kl'] }: PointsRequest): number {
  const directions = divergences.length === 1 && divergences[0] !== 'jeffreys' ? 1 : 2;
  const ofAll = points.target.map(({ count, coordinates }, d) => count * (count + points.input[d].count) * coordinates);
  return (directions * ofAll.reduce((sum, work) => sum + work, 0)) / 10;
}
