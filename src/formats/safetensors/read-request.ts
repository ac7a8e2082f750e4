import { tensorNames } from '../../core/comparison.ts';
import { type Contract, parseOptions } from '../../schema/parse-request.ts';
import { parseTextOptions } from '../../schema/query.ts';
import type { Numbers, Tensor } from '../../tensor/tensor.ts';
import type { Reader } from '../divergence-request.ts';
import { checkElements, readOperands } from '../operands.ts';
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
    const operands = readOperands(options, given, (name) => ({ form: 'nested', ...(tensors[name] as Tensor<Numbers>) }), maxElements);
    return { ...options, ...operands, checkElements: () => checkElements(operands, options) };
  };
