import { refuse } from '../errors/request-error.ts';
import { outcomesIn } from '../tensor/axes.ts';
import { checkElementCount } from '../tensor/shape.ts';
import { isDenseRequest, type Reader } from './divergence-request.ts';

/**
 * Returns a reader that refuses lists of outcomes which cannot be shown as tensors, filled up to the longest with outcomes without mass.
 * @throws RequestError TOO_MANY_ELEMENTS for what that makes too large, INVALID_VALUE for a pseudocount that would count in it
 */
export const fillable =
  (read: Reader): Reader =>
  (body, query, maxElements, scanTensor) => {
    const request = read(body, query, maxElements, scanTensor);
    if (!isDenseRequest(request) || request.listed === undefined) return request;
    const { axes } = request.listed;
    const isRagged = axes.distributionOffsets.some((_, d) => outcomesIn(axes, d) !== axes.outcomeOffsets.length);
    if (request.pseudocount !== 0 && isRagged) throw pseudocountInPadding();
    checkElementCount(request.input.tensor.shape, maxElements, '#/input');
    return request;
  };

function pseudocountInPadding() {
  const detail = 'a derivation fills lists up to one length, and a pseudocount would count there, too: send one list at a time';
  return refuse('INVALID_VALUE', '#/pseudocount', detail);
}
