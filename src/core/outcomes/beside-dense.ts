import { faultList } from '../../errors/fault-list.ts';
import { float64s, int32s, uint32s } from '../../memory/small-arrays.ts';
import type { Axes } from '../../tensor/axes.ts';
import type { Numbers } from '../../tensor/tensor.ts';
import { type KindName, kinds, zeroMassOf } from '../kinds.ts';
import { faultAt, type OutcomeList } from './outcome-list.ts';
import { partnersOf, unread } from './partners.ts';
import type { ListSide } from './rows.ts';

/** Returns a tensor as a list of all its outcomes, whose codes are their indices. @param axes those of the tensor */
export function wholeSide(data: Numbers, axes: Axes, kind: KindName): ListSide {
  const { distributionOffsets, outcomeOffsets } = axes;
  const distributions = distributionOffsets.length;
  const size = outcomeOffsets.length;
  const values = float64s(data.length);
  const codes = int32s(data.length);
  const starts = uint32s(distributions + 1);
  for (let d = 0; d < distributions; d++) {
    starts[d + 1] = (d + 1) * size;
    for (let k = 0; k < size; k++) {
      values[d * size + k] = data[distributionOffsets[d] + outcomeOffsets[k]];
      codes[d * size + k] = k;
    }
  }
  const placeOf = () => ({ pointer: '#', where: '' });
  return {
    list: { starts, values, placeOf },
    codes,
    isLog: kinds[kind].scale === 'log',
    isWhole: true,
    none: zeroMassOf(kinds[kind]),
  };
}

/**
 * Returns a list of ids as a tensor that lies as the other side does: what is not listed has no mass.
 * @throws RequestError DUPLICATE_OUTCOME
 */
export function spread(side: ListSide, { distributionOffsets, outcomeOffsets }: Axes, isUnread: (d: number) => boolean): Float64Array {
  const { list, codes } = side;
  const data = float64s(distributionOffsets.length * outcomeOffsets.length);
  if (side.none !== 0) data.fill(side.none);
  const faults = faultList();
  const nothing = { ...side, list: { ...list, starts: uint32s(list.starts.length) }, codes: int32s(0) };
  const { ofTarget, find } = partnersOf(side, nothing, outcomeOffsets.length, faults);
  for (let d = 0; d < distributionOffsets.length; d++) {
    if (isUnread(d)) continue;
    find(d);
    const start = list.starts[d];
    for (let at = start; at < list.starts[d + 1]; at++) {
      if (ofTarget[at - start] !== unread) data[distributionOffsets[d] + outcomeOffsets[codes[at]]] = list.values[at];
    }
  }
  faults.throwIfAny();
  return data;
}

/** @throws RequestError UNKNOWN_OUTCOME for ids that are no index along an axis of so many outcomes, in rows that are read */
export function checkIds({ starts, ids = new Float64Array(), placeOf }: OutcomeList, size: number, isUnread: (d: number) => boolean): void {
  const faults = faultList();
  for (let d = 0; d < starts.length - 1; d++) {
    if (isUnread(d)) continue;
    for (let at = starts[d]; at < starts[d + 1]; at++) {
      const id = ids[at];
      if (id < size) continue;
      const detail = `there is no outcome ${id}: the other side has ${size} along dim, from 0 to ${size - 1}`;
      faults.add(() => faultAt(placeOf('outcomes', d, at - starts[d]), 'UNKNOWN_OUTCOME', detail));
    }
  }
  faults.throwIfAny();
}
