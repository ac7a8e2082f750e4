import { type SideName, sideNames } from '../core/distribution-reader.ts';
import { domainOf } from '../core/kinds.ts';
import { attempt, together } from '../errors/fault-list.ts';
import { RequestError, refuse } from '../errors/request-error.ts';
import type { Options } from '../schema/parse-request.ts';
import { checkTensor, type Domain } from '../tensor/domain.ts';
import { elementCount, sameShape } from '../tensor/tensor.ts';
import type { DecodedTensor, Operands } from './divergence-request.ts';

/** The options that say how tensors are read. */
type ReadingOptions = Pick<Options, 'input_kind' | 'target_kind' | 'temperature'>;

/**
 * Reads both tensors, each in the domain of its kind; a caller who got both wrong is told of both.
 * @param targetPointer where the target stands in the body
 * @throws RequestError the tensors' faults, or SHAPE_MISMATCH
 */
export function readOperands(
  { input_kind, target_kind, temperature }: ReadingOptions,
  read: (name: SideName, domain: Domain) => DecodedTensor,
  targetPointer = '#/target',
): Operands {
  const input = attempt(() => read('input', domainOf(input_kind, temperature)));
  const target = attempt(() => read('target', domainOf(target_kind, temperature)));
  if (input instanceof RequestError || target instanceof RequestError) throw together(input, target);
  checkShapes(input.shape, target.shape, targetPointer);
  return { input: { tensor: input, kind: input_kind }, target: { tensor: target, kind: target_kind } };
}

/**
 * Checks the elements of tensors that came as bytes.
 * @param names the tensors that have not been checked
 * @throws RequestError the faults of these tensors
 */
export function checkElements(operands: Operands, { temperature }: ReadingOptions, names: readonly SideName[] = sideNames): void {
  const check = (name: SideName) => checkTensor(operands[name].tensor, domainOf(operands[name].kind, temperature), `#/${name}`);
  const outcomes = names.map((name) => attempt(() => check(name)));
  if (outcomes.some((outcome) => outcome instanceof RequestError)) throw together(...outcomes);
}

function checkShapes(input: readonly number[], target: readonly number[], targetPointer: string): void {
  if (sameShape(input, target)) return;
  const sameElements = elementCount(input) === elementCount(target);
  const hint = sameElements
    ? 'Both have the same number of elements: one seems to be transposed or reshaped'
    : 'Nothing is broadcast: expand the smaller one before sending it';
  throw refuse('SHAPE_MISMATCH', targetPointer, `target has shape [${target.join(', ')}], input has [${input.join(', ')}]. ${hint}`);
}
