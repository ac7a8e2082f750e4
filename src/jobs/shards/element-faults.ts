import { type SideName, sideNames } from '../../core/comparison.ts';
import { domainOf, type Kind, kinds, zeroMassOf } from '../../core/kinds.ts';
import { attempt, faultList } from '../../errors/fault-list.ts';
import { type Fault, RequestError } from '../../errors/request-error.ts';
import { appendPointer } from '../../errors/wording.ts';
import { weightDomain } from '../../formats/operands.ts';
import { dimsInWords, remainingShape } from '../../tensor/axes.ts';
import { covers, numberFault } from '../../tensor/domain.ts';
import { elementOf, unravel } from '../../tensor/tensor.ts';
import type { PlannedItem } from './job-plan.ts';
import type { PieceNumbers, Work } from './work.ts';

/**
 * Checks the elements of a piece, but for distributions that the kernel has seen and trusts.
 * @throws RequestError their faults, each at the element of the whole tensor: `#/target/73204/5`
 */
export function checkPiece({ item, options }: Work, piece: PieceNumbers, trusted?: Uint8Array): void {
  const { outcomes } = item;
  const faults = faultList();
  for (const name of sideNames) {
    const domain = domainOf(options[`${name}_kind`], options.temperature);
    for (let d = 0; d < piece.rows; d++) {
      if ((trusted !== undefined && trusted[d] !== 0) || piece.weights?.[d] === 0) continue;
      for (let element = d * outcomes; element < (d + 1) * outcomes; element++) {
        const value = elementOf(piece[name], element);
        if (!covers(domain, value, value)) faults.add(() => numberFault(value, domain, pointerTo(name, element, item, piece)));
      }
    }
  }
  faults.throwIfAny();
}

function pointerTo(name: SideName, element: number, item: PlannedItem, { from }: PieceNumbers): string {
  return unravel(from * item.outcomes + element, item.shape).reduce<string>(appendPointer, `${item.pointer}/${name}`);
}

/** Runs a step on a piece, whose distributions without mass are named as those of the whole tensor. @throws RequestError ZERO_MASS */
export function withPlaces<T>(work: Work, piece: PieceNumbers, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof RequestError && error.code === 'ZERO_MASS') throw zeroMasses(work, piece);
    throw error;
  }
}

/** @returns the error of every distribution without mass */
function zeroMasses(work: Work, piece: PieceNumbers): RequestError | undefined {
  const faults = faultList();
  for (const name of sideNames) {
    for (let d = 0; d < piece.rows; d++)
      if (piece.weights?.[d] !== 0 && isEmpty(name, d, work, piece)) faults.add(() => emptyFault(name, d, work, piece));
  }
  return attempt(() => faults.throwIfAny()) ?? undefined;
}

/** Whether a distribution of a side has no mass. A low temperature makes -Infinity of very low logits. */
function isEmpty(name: SideName, d: number, { item, options }: Work, { [name]: tensor }: PieceNumbers): boolean {
  const kind: Kind = kinds[options[`${name}_kind`]];
  const none = zeroMassOf(kind);
  const numbers = tensor.data.subarray(d * item.outcomes, (d + 1) * item.outcomes);
  return kind.normalizes && numbers.every((value) => (kind.scale === 'log' ? value / options.temperature : value) === none);
}

function emptyFault(name: SideName, d: number, { item, options }: Work, { from }: PieceNumbers): Fault {
  const { noMass }: Kind = kinds[options[`${name}_kind`]];
  const index = unravel((from + d) * item.outcomes, item.shape).filter((_, axis) => !item.dims.includes(axis));
  const detail = `the ${noMass} along ${dimsInWords(item.dims)} in this distribution: it has no mass to normalise`;
  return { pointer: index.reduce<string>(appendPointer, `${item.pointer}/${name}`), code: 'ZERO_MASS', detail };
}

/** Checks the weights of distributions `from` on. @throws RequestError their faults: `#/weights/73204` */
export function checkWeights(item: PlannedItem, from: number, weights: Float64Array): void {
  const faults = faultList();
  for (const [d, weight] of weights.entries()) {
    if (covers(weightDomain, weight, weight)) continue;
    const shape = remainingShape(item.shape, item.dims);
    const pointer = unravel(from + d, shape).reduce<string>(appendPointer, `${item.pointer}/weights`);
    faults.add(() => numberFault(weight, weightDomain, pointer));
  }
  faults.throwIfAny();
}
