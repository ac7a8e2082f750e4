import { type FaultList, faultList } from '../errors/fault-list.ts';
import type { Fault } from '../errors/request-error.ts';
import { resolveDims } from './axes.ts';
import { elementCount, type Numbers } from './tensor.ts';

/** Whether the element at a flat position is not read, and so may be anything. */
export type IsUnread = (element: number) => boolean;

/**
 * Tells the elements of distributions of weight 0, for weights of the shape that remains without `dim`.
 * @throws RequestError DIM_OUT_OF_RANGE, DUPLICATE_DIM
 */
export function unreadElements(shape: readonly number[], dim: number | readonly number[], weights: Numbers): IsUnread {
  const dims = resolveDims(shape.length, dim);
  const rest = shape
    .map((size, axis) => ({ axis, size, stride: elementCount(shape.slice(axis + 1)) }))
    .filter(({ axis }) => !dims.includes(axis));
  return (element) => {
    let distribution = 0;
    for (const { size, stride } of rest) distribution = distribution * size + (Math.floor(element / stride) % size);
    return weights[distribution] === 0;
  };
}

/** Collects the faults of a tensor: of its form, and of its elements but for those that are not read. */
export type TensorFaults = FaultList & { readonly addElement: (element: number, fault: () => Fault) => void };

/** @param unread makes the test of an element from the shape, once it is needed */
export function tensorFaults(shape: readonly number[], unread: ((shape: readonly number[]) => IsUnread) | undefined): TensorFaults {
  const { add, throwIfAny } = faultList();
  if (unread === undefined) return { add, throwIfAny, addElement: (_, fault) => add(fault) };
  let isUnread: IsUnread | undefined;
  const addElement = (element: number, fault: () => Fault) => {
    isUnread ??= unread(shape);
    if (!isUnread(element)) add(fault);
  };
  return { add, throwIfAny, addElement };
}
