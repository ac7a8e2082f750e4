import { type SideName, sideNames, type TensorName, tensorNames } from '../../core/comparison.ts';
import { refuse } from '../../errors/request-error.ts';
import { type Contract, type Options, parseOptions } from '../../schema/parse-request.ts';
import { parseTextOptions } from '../../schema/query.ts';
import { areTensors } from '../../schema/sample-options.ts';
import { checkTensor } from '../../tensor/domain.ts';
import type { DecodedTensor, Reader } from '../divergence-request.ts';
import { checkElements, domainFor, type ReadTensor, readOperands } from '../operands.ts';
import { rowsOfTensor, unreadIn } from '../sample-rows.ts';
import { type ReadSamples, readSamples } from '../samples.ts';
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
    const dense = (name: TensorName): DecodedTensor => ({ form: 'nested', ...tensors[name] });
    const isList = (name: TensorName) => Object.hasOwn(tensors, partOf(name));
    const tensor: ReadTensor = (name, rules) => {
      if (!Object.hasOwn(tensors, name)) return listOf(name, tensors[partOf(name)], tensors[`${name}.values`], rules);
      if (isList(name)) throw twice(name);
      return dense(name);
    };
    if (!areTensors(options)) {
      const samples = samplesOf((name) => {
        if (isList(name)) throw noSamples(name);
        return dense(name);
      }, options);
      return { ...options, ...readSamples(options, given, { tensor, samples }, maxElements) };
    }
    const operands = readOperands(options, given, tensor, maxElements);
    // what is matched with a list has been checked before
    return { ...options, ...operands, ...(sideNames.some(isList) ? {} : { checkElements: () => checkElements(operands, options) }) };
  };

function partOf(name: TensorName): string {
  return `${name}.outcomes`;
}

function twice(name: TensorName) {
  return refuse('INVALID_VALUE', `#/${name}`, `${name} is there as a tensor and as a list of outcomes: send one of the two`);
}

function noSamples(name: SideName) {
  const detail = `expected samples, a tensor called ${name}, got a list of outcomes: its values are "counts" if they count observations`;
  return refuse('INVALID_VALUE', `#/${partOf(name)}`, detail);
}

/** A tensor has its samples in one row, or in rows of one length. */
function samplesOf(tensor: (name: SideName) => DecodedTensor, options: Options): ReadSamples {
  return (name, rules) => {
    const pointer = `#/${name}`;
    const held = tensor(name);
    checkTensor(held, { domain: domainFor(name, options), unread: unreadIn(rules) }, pointer);
    return rowsOfTensor(held, pointer, rules);
  };
}
