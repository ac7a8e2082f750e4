import { type SideName, type TensorName, tensorNames } from '../../core/comparison.ts';
import { type Contract, type Options, parseOptions } from '../../schema/parse-request.ts';
import { parseTextOptions } from '../../schema/query.ts';
import { areTensors } from '../../schema/sample-options.ts';
import { checkTensor } from '../../tensor/domain.ts';
import type { Numbers, Tensor } from '../../tensor/tensor.ts';
import type { DecodedTensor, Reader } from '../divergence-request.ts';
import { checkElements, domainFor, readOperands } from '../operands.ts';
import { rowsOfTensor, unreadIn } from '../sample-rows.ts';
import { type ReadSamples, readSamples } from '../samples.ts';
import { readSafetensors } from './read-tensors.ts';

/**
 * Returns a reader of safetensors bodies, whose options stand in the query of the URL. Tensors of the answer are written as nested lists.
 * @throws RequestError the faults of options, then of tensors, as in every format
 */
export const safetensorsReader =
  (contract: Contract): Reader =>
  (body, query, maxElements) => {
    const options = parseOptions(parseTextOptions(query), contract);
    body.waitFor(body.bytes.length);
    const tensors = readSafetensors(body.bytes, maxElements);
    const given = tensorNames.filter((name) => tensors[name] !== undefined);
    const tensor = (name: TensorName): DecodedTensor => ({ form: 'nested', ...(tensors[name] as Tensor<Numbers>) });
    if (!areTensors(options))
      return { ...options, ...readSamples(options, given, { tensor, samples: samplesOf(tensor, options) }, maxElements) };
    const operands = readOperands(options, given, tensor, maxElements);
    return { ...options, ...operands, checkElements: () => checkElements(operands, options) };
  };

/** A tensor has its samples in one row, or in rows of one length. */
function samplesOf(tensor: (name: SideName) => DecodedTensor, options: Options): ReadSamples {
  return (name, rules) => {
    const pointer = `#/${name}`;
    const held = tensor(name);
    checkTensor(held, { domain: domainFor(name, options), unread: unreadIn(rules) }, pointer);
    return rowsOfTensor(held, pointer, rules);
  };
}
