import type { FamilyMember } from '../core/divergences/facts.ts';
import { reductionsOf } from '../core/divergences/named-divergence.ts';
import type { Coverage, Listed } from '../core/outcomes/listed.ts';
import { divisorOf, type ReductionName, reduce, type Totals } from '../core/reductions.ts';
import type { TensorForm } from '../formats/divergence-request.ts';
import { type JsonRows, jsonRows } from '../formats/json/write/json-rows.ts';
import { type JsonTensor, jsonTensor } from '../formats/json/write/json-tensor.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { aboutMember } from './family-response.ts';
import { familySamplesAnswer, memberSampling, samplesAnswer } from './sampling-response.ts';
import type { Solution } from './solve/solve.ts';
import { agreementMember, statisticsMember } from './statistics-response.ts';

/** Returns the answer to a request for KL, or for several divergences, as JSON. @param head members that stand before its own */
export function anyAnswer(solved: Solution, head: object = {}): object {
  return solved.family === undefined ? answer(solved, head) : familyAnswer(solved, solved.family, head);
}

/** Returns the divergence under every requested reduction, as JSON. @param head members that stand before its own */
export function answer(solved: Solution, head: object = {}) {
  const results = resultsOf(solved.divergence, solved.reductions, solved);
  return {
    ...head,
    results,
    divisors: divisorsOf(solved),
    ...frameOf(solved),
    ...statisticsMember(solved),
    ...samplesAnswer(solved),
    warnings: solved.warnings,
  };
}

/** Returns several divergences under every requested reduction, as JSON. */
function familyAnswer(solved: Solution, family: readonly FamilyMember[], head: object) {
  const divergences = Object.fromEntries(
    family.map((member, index) => [
      member.divergence.key,
      {
        results: resultsOf(member, reductionsOf(member.divergence, solved.reductions), solved),
        ...aboutMember(member, solved),
        ...memberSampling(index, solved),
      },
    ]),
  );
  const members = { ...layoutOf(solved), ...agreementMember(solved), ...familySamplesAnswer(solved) };
  return { ...head, divergences, divisors: divisorsOf(solved), ...members, warnings: solved.warnings };
}

/** Returns the value of each reduction of some totals, as JSON. */
export function resultsOf(totals: Totals, reductions: readonly ReductionName[], solved: Solution): Record<string, JsonTensor | JsonRows> {
  const results: Record<string, JsonTensor | JsonRows> = {};
  for (const name of reductions) {
    results[name] =
      name === 'none' && solved.listed !== undefined
        ? jsonRows(totals.terms, solved.listed)
        : jsonValue(reduce(name, totals, solved), solved.form);
  }
  return results;
}

/** Returns the number that each reduction divides the sum of all terms by, if it has one. */
export function divisorsOf(solved: Solution): Record<string, number> {
  const divisors: Record<string, number> = {};
  for (const name of solved.reductions) {
    const divisor = divisorOf(name, solved);
    if (divisor !== undefined) divisors[name] = divisor;
  }
  return divisors;
}

/** Returns the members of every answer for KL that describe its numbers. */
export function frameOf(solved: Solution) {
  return { ...layoutOf(solved), base: solved.base, direction: 'D(target || input)' as const };
}

/** Returns how the numbers of an answer lie, and how much of lists of outcomes was compared one by one. */
export function layoutOf({ shape, axes, listed }: Solution) {
  return {
    shape,
    dim: axes.dims,
    distributions: axes.distributionOffsets.length,
    support_size: axes.outcomeOffsets.length,
    ...(listed?.coverage === undefined ? {} : { coverage: coverageOf(listed.coverage) }),
  };
}

function coverageOf(coverage: NonNullable<Listed['coverage']>) {
  const side = ({ mean, least }: Coverage) => ({ mean: jsonNumber(mean), least: jsonNumber(least) });
  return { input: side(coverage.input), target: side(coverage.target) };
}

export function jsonValue(value: number | Tensor, form: TensorForm): JsonTensor {
  return typeof value === 'number' ? jsonNumber(value) : jsonTensor(value, form);
}
