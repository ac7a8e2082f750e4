import { type SideName, sideNames } from '../core/distribution-reader.ts';
import { type KindName, kinds } from '../core/kinds.ts';
import { attempt, together } from '../errors/fault-list.ts';
import { RequestError } from '../errors/request-error.ts';
import { checkTensor, type Domain } from '../tensor/domain.ts';
import { sameShape } from '../tensor/tensor.ts';
import type { DecodedTensor, Operands } from './divergence-request.ts';
import { shapeMismatch } from './shape-mismatch.ts';

type Options = Readonly<Record<`${SideName}_kind`, KindName>> & { readonly dim: number | readonly number[] };

/**
 * Reads both tensors, each in the domain of its kind; a caller who got both wrong is told of both.
 * @param targetPointer where the target stands in the body
 * @throws RequestError the tensors' faults, or SHAPE_MISMATCH
 */
export function readOperands(
  options: Options,
  read: (name: SideName, domain: Domain) => DecodedTensor,
  targetPointer = '#/target',
): Operands {
  const { input_kind, target_kind } = options;
  const input = attempt(() => read('input', kinds[input_kind].domain));
  const target = attempt(() => read('target', kinds[target_kind].domain));
  if (input instanceof RequestError || target instanceof RequestError) throw together(input, target);
  if (!sameShape(input.shape, target.shape)) throw shapeMismatch({ input: input.shape, target: target.shape }, options, targetPointer);
  return { input: { tensor: input, kind: input_kind }, target: { tensor: target, kind: target_kind } };
}

/**
 * Checks the elements of tensors that came as bytes.
 * @param names the tensors that have not been checked
 * @throws RequestError the faults of these tensors
 */
export function checkElements(operands: Operands, names: readonly SideName[] = sideNames): void {
  const outcomes = names.map((name) => attempt(() => checkTensor(operands[name].tensor, kinds[operands[name].kind].domain, `#/${name}`)));
  if (outcomes.some((outcome) => outcome instanceof RequestError)) throw together(...outcomes);
}
