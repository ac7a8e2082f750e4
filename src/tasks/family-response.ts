import type { FamilyMember } from '../core/divergences/facts.ts';
import { directionOf, reductionsOf, rowOf } from '../core/divergences/named-divergence.ts';
import { reduce } from '../core/reductions.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { memberSampling } from './sampling-response.ts';
import type { Solution } from './solve/solve.ts';
import { memberStatistics } from './statistics-response.ts';

/** What an answer says of one of several divergences beside its numbers. */
export function aboutMember(member: FamilyMember, solved: Solution) {
  const { divergence } = member;
  return {
    direction: directionOf(divergence, 'sampledFrom' in solved ? solved.sampledFrom : undefined),
    base: rowOf(divergence).hasUnit ? solved.base : null,
    ...memberStatistics(member, solved),
  };
}

/** Returns the numbers of each divergence, and its tensors by the name `divergence.reduction`. */
export function splitFamily(family: readonly FamilyMember[], solved: Solution) {
  const tensors: Record<string, Tensor> = {};
  const divergences: Record<string, object> = {};
  for (const [index, member] of family.entries()) {
    const { key } = member.divergence;
    const results: Record<string, unknown> = {};
    for (const name of reductionsOf(member.divergence, solved.reductions)) {
      const value = reduce(name, member, solved);
      if (typeof value === 'number') results[name] = jsonNumber(value);
      else tensors[`${key}.${name}`] = value;
    }
    divergences[key] = { results, ...aboutMember(member, solved), ...memberSampling(index, solved) };
  }
  return { tensors, divergences };
}
