import { type Fault, RequestError, reportedFaults } from './request-error.ts';

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

/** What a step returns, or the RequestError that it throws. */
export function attempt<T>(step: () => T): T | RequestError {
  try {
    return step();
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
}

/** The faults of all outcomes that are errors, in one: who got several things wrong is told of all. */
export function together(...outcomes: readonly unknown[]): RequestError {
  const errors = outcomes.filter((outcome) => outcome instanceof RequestError);
  return new RequestError(
    errors.flatMap((error) => error.faults),
    errors.reduce((count, error) => count + error.count, 0),
  );
}
