import { isOutcomeList } from '../../core/outcomes/outcome-list.ts';
import { attempt } from '../../errors/fault-list.ts';
import { RequestError, refuse } from '../../errors/request-error.ts';
import type { Defaults } from '../../schema/parse-batch.ts';
import type { ReadTensor, SentOperand } from '../operands.ts';
import { pointerOf } from '../parameters.ts';
import { jsonOfTensor } from '../with-tensors.ts';
import { decodeOperand } from './decode-list.ts';

/** A tensor as it was decoded, by the bounds of its numbers, and the elements that items have used of it. */
type Shared = { readonly decoded: Map<string, SentOperand | RequestError>; used: number };

export const noSharedTensors: ReadTensor = (name) => {
  throw new Error(`no ${name} is shared`);
};

/**
 * Returns a reader of the tensors of `defaults`, each decoded once for each domain that items read it in. One with faults is decoded again
 * for an item whose weights leave distributions out. Faults point into `defaults`.
 * @param maxElements of a tensor, and of all uses of shared tensors together: each use is computed, though it is sent once
 * @throws RequestError the faults of a tensor, TOO_MANY_ELEMENTS
 */
export function sharedTensors(defaults: Defaults, maxElements: number): ReadTensor {
  const shared = new Map<string, Shared>();
  return (name, { unread, unreadRows, ...rules }) => {
    const pointer = pointerOf(`defaults.${name}`);
    const known = shared.get(name) ?? { decoded: new Map(), used: 0 };
    shared.set(name, known);
    const { lowest, highest } = rules.domain;
    const domain = `${lowest} ${highest}`;
    const whole = known.decoded.get(domain) ?? attempt(() => decodeOperand(jsonOfTensor(defaults, name), pointer, rules));
    known.decoded.set(domain, whole);
    const isToBeReadAgain = whole instanceof RequestError && unread !== undefined;
    const tensor = isToBeReadAgain ? decodeOperand(jsonOfTensor(defaults, name), pointer, { ...rules, unread, unreadRows }) : whole;
    if (tensor instanceof RequestError) throw tensor;
    known.used += isOutcomeList(tensor) ? tensor.values.length : tensor.data.length;
    if (known.used > maxElements) {
      const detail = `the items of a batch may use a shared tensor for ${maxElements} elements together: send fewer items at a time`;
      throw refuse('TOO_MANY_ELEMENTS', pointer, detail);
    }
    return tensor;
  };
}
