import type { SideName } from '../core/distribution-reader.ts';
import type { Operand } from '../core/divergence.ts';
import { kinds } from '../core/kinds.ts';
import { attempt, together } from '../errors/fault-list.ts';
import { RequestError, refuse } from '../errors/request-error.ts';
import { type DecodedTensor, decodeTensor } from '../formats/json/decode-tensor.ts';
import { elementCount, sameShape } from '../tensor/tensor.ts';
import type { KlRequest, Limits } from './request.ts';

export type Operands = Readonly<Record<SideName, Operand & { readonly tensor: DecodedTensor }>>;

/**
 * Decodes both tensors; a caller who got both wrong is told of both.
 * @throws RequestError the tensors' faults, or SHAPE_MISMATCH
 */
export function operandsOf(request: KlRequest, limits: Limits): Operands {
  const input = attempt(() => decode(request, 'input', limits));
  const target = attempt(() => decode(request, 'target', limits));
  if (input instanceof RequestError || target instanceof RequestError) throw together(input, target);
  checkShapes(input.shape, target.shape);
  return { input: { tensor: input, kind: request.input_kind }, target: { tensor: target, kind: request.target_kind } };
}

/** Checks elements that came as bytes and have not been looked at. @throws RequestError the faults of both tensors */
export function checkElements({ input, target }: Operands): void {
  const outcomes = [attempt(() => input.tensor.check?.()), attempt(() => target.tensor.check?.())];
  if (outcomes.some((outcome) => outcome instanceof RequestError)) throw together(...outcomes);
}

function decode(request: KlRequest, name: SideName, { maxElements }: Limits): DecodedTensor {
  return decodeTensor(request[name], `#/${name}`, kinds[request[`${name}_kind`]].domain, maxElements);
}

function checkShapes(input: readonly number[], target: readonly number[]): void {
  if (sameShape(input, target)) return;
  const sameElements = elementCount(input) === elementCount(target);
  const hint = sameElements
    ? 'Both have the same number of elements: one seems to be transposed or reshaped'
    : 'Nothing is broadcast: expand the smaller one before sending it';
  throw refuse('SHAPE_MISMATCH', '#/target', `target has shape [${target.join(', ')}], input has [${input.join(', ')}]. ${hint}`);
}
