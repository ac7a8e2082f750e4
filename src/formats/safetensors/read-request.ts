import { sideNames, type TensorName, tensorNames } from '../../core/comparison.ts';
import { refuse } from '../../errors/request-error.ts';
import { type Contract, parseOptions } from '../../schema/parse-request.ts';
import { parseTextOptions } from '../../schema/query.ts';
import type { Reader } from '../divergence-request.ts';
import { checkElements, type ReadTensor, readOperands } from '../operands.ts';
import { listOf } from './read-list.ts';
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
    const given = tensorNames.filter((name) => Object.hasOwn(tensors, name) || Object.hasOwn(tensors, partOf(name)));
    const read: ReadTensor = (name, rules) => {
      const list = partOf(name);
      if (!Object.hasOwn(tensors, name)) return listOf(name, tensors[list], tensors[`${name}.values`], rules);
      if (Object.hasOwn(tensors, list)) throw twice(name);
      return { form: 'nested', ...tensors[name] };
    };
    const operands = readOperands(options, given, read, maxElements);
    const areLists = sideNames.some((name) => Object.hasOwn(tensors, partOf(name)));
    // what is matched with a list has been checked before
    return { ...options, ...operands, ...(areLists ? {} : { checkElements: () => checkElements(operands, options) }) };
  };

function partOf(name: TensorName): string {
  return `${name}.outcomes`;
}

function twice(name: string) {
  return refuse('INVALID_VALUE', `#/${name}`, `${name} is there as a tensor and as a list of outcomes: send one of the two`);
}
