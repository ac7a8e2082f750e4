import { parametricKind } from '../../core/closed-forms/parametric-kinds.ts';
import { type SideName, sideNames } from '../../core/comparison.ts';
import { areParametric, type Contract, type Options, parseOptions } from '../../schema/parse-request.ts';
import { parseTextOptions } from '../../schema/query.ts';
import type { Numbers, Tensor } from '../../tensor/tensor.ts';
import { isParametricRequest, type Reader } from '../divergence-request.ts';
import { checkElements, type ReadTensor } from '../operands.ts';
import { withTensors } from '../with-tensors.ts';
import { bothSides, type ExpectedTensors, readSafetensors } from './read-tensors.ts';

/**
 * Returns a reader of safetensors bodies, whose options stand in the query of the URL. Tensors of the answer are written as nested lists.
 * @throws RequestError the faults of options, then of tensors, as in every format
 */
export const safetensorsReader =
  (contract: Contract): Reader =>
  (body, query, maxElements) => {
    const options = parseOptions(parseTextOptions(query), contract);
    body.waitFor(body.bytes.length);
    const tensors = readSafetensors(body.bytes, maxElements, expectedIn(options));
    const read: ReadTensor = (name) => ({ form: 'nested', ...(tensors[name] as Tensor<Numbers>) });
    const request = withTensors(options, { given: Object.keys(tensors), read, maxElements });
    return isParametricRequest(request) ? request : { ...request, checkElements: () => checkElements(request, request) };
  };

/** The tensors that a body with these options may have, and those that it must have. */
function expectedIn(options: Options): ExpectedTensors {
  if (!areParametric(options)) return bothSides;
  const { parameters } = parametricKind(options.input_kind);
  const ofSide = (side: SideName) => Object.keys(parameters).map((name) => `${side}.${name}`);
  // which of them it needs depends on those that it has
  return { known: [...sideNames.flatMap(ofSide), 'weights'], needed: [] };
}
