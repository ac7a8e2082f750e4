import { type Fault, RequestError, reportedFaults } from '../errors.ts';

/** Collects what is wrong with a tensor: the first faults whole, all of them counted. */
export type FaultList = {
  add(fault: () => Fault): void;
  /** @throws RequestError when anything was added */
  throwIfAny(): void;
};

export function faultList(): FaultList {
  const faults: Fault[] = [];
  let count = 0;
  return {
    add(fault) {
      count++;
      if (faults.length < reportedFaults) faults.push(fault());
    },
    throwIfAny() {
      if (count > 0) throw new RequestError(faults, count);
    },
  };
}
