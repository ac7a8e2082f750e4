import type { KindName } from '../core/kinds.ts';
import type { Listed } from '../core/outcomes/listed.ts';
import { noneOf } from '../core/outcomes/rows.ts';
import { refuse } from '../errors/request-error.ts';
import { float64s } from '../memory/small-arrays.ts';
import { outcomesIn } from '../tensor/axes.ts';
import { checkElementCount } from '../tensor/shape.ts';
import { type DecodedTensor, isDenseRequest, type Reader } from './divergence-request.ts';

/**
 * Returns a reader whose lists of outcomes have become tensors: each list is filled up to the longest with outcomes without mass, which
 * changes no divergence. A derivation shows tensors. @throws RequestError TOO_MANY_ELEMENTS for what that makes too large, INVALID_VALUE for a pseudocount that would count in it
 */
export const padded =
  (read: Reader): Reader =>
  (body, query, maxElements, scanTensor) => {
    const request = read(body, query, maxElements, scanTensor);
    if (!isDenseRequest(request)) return request;
    const { listed, ...tensors } = request;
    if (listed === undefined) return request;
    if (request.pseudocount !== 0) refusePseudocount(listed);
    checkElementCount(request.input.tensor.shape, maxElements, '#/input');
    const pad = (name: 'input' | 'target') => ({ ...request[name], tensor: padTensor(request[name].tensor, request[name].kind, listed) });
    return { ...tensors, input: pad('input'), target: pad('target') };
  };

/** @throws RequestError INVALID_VALUE where lists differ in length: what fills them up would have counts */
function refusePseudocount({ axes }: Listed): void {
  if (axes.distributionOffsets.every((_, d) => outcomesIn(axes, d) === axes.outcomeOffsets.length)) return;
  const detail = 'a derivation fills lists up to one length, and a pseudocount would count there, too: send one list at a time';
  throw refuse('INVALID_VALUE', '#/pseudocount', detail);
}

function padTensor(tensor: DecodedTensor, kind: KindName, { axes }: Listed): DecodedTensor {
  const size = axes.outcomeOffsets.length;
  const data = float64s(axes.distributionOffsets.length * size).fill(noneOf(kind));
  for (const [d, start] of axes.distributionOffsets.entries()) data.set(tensor.data.subarray(start, start + outcomesIn(axes, d)), d * size);
  return { ...tensor, data };
}
