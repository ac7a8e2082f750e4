import type { SideName } from '../../core/distribution-reader.ts';
import { attempt } from '../../errors/fault-list.ts';
import { RequestError, refuse } from '../../errors/request-error.ts';
import type { Defaults } from '../../schema/parse-batch.ts';
import type { Domain } from '../../tensor/domain.ts';
import type { DecodedTensor } from '../divergence-request.ts';
import { decodeTensor } from './decode-tensor.ts';

/**
 * Returns a tensor of `defaults`, decoded once for each domain that items read it in.
 * @throws RequestError its faults, which point into `defaults`; TOO_MANY_ELEMENTS
 */
export type SharedTensors = (name: SideName, domain: Domain) => DecodedTensor;

export const noSharedTensors: SharedTensors = (name) => {
  throw new Error(`no ${name} is shared`);
};

/** @param maxElements of a tensor, and of all uses of shared tensors together: each use is computed, though it is sent once */
export function sharedTensors(defaults: Defaults, maxElements: number): SharedTensors {
  const decoded = { input: new Map<Domain, DecodedTensor | RequestError>(), target: new Map<Domain, DecodedTensor | RequestError>() };
  const used = { input: 0, target: 0 };
  return (name, domain) => {
    const pointer = `#/defaults/${name}`;
    const tensor = decoded[name].get(domain) ?? attempt(() => decodeTensor(defaults[name], pointer, domain, maxElements));
    decoded[name].set(domain, tensor);
    if (tensor instanceof RequestError) throw tensor;
    used[name] += tensor.data.length;
    if (used[name] > maxElements) {
      const detail = `the items of a batch may use a shared tensor for ${maxElements} elements together: send fewer items at a time`;
      throw refuse('TOO_MANY_ELEMENTS', pointer, detail);
    }
    return tensor;
  };
}
