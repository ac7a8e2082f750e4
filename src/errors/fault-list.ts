import { type Fault, RequestError, reportedFaults } from './request-error.ts';

/** Collects the faults of a tensor. It keeps the first `reportedFaults` and counts all of them. */
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

/**
 * Refuses whatever is in a list, each with its fault.
 * @throws RequestError the first `reportedFaults` faults, and how many there are
 */
export function refuseEach(names: readonly string[], faultOf: (name: string) => Fault): void {
  if (names.length > 0) throw new RequestError(names.slice(0, reportedFaults).map(faultOf), names.length);
}

/** Returns the result of a step, or the RequestError that it throws. Other errors pass through. */
export function attempt<T>(step: () => T): T | RequestError {
  try {
    return step();
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
}

/** Takes every step and returns the results. @throws RequestError the faults of all steps that failed */
export function attemptAll<T>(steps: readonly (() => T)[]): T[] {
  const attempts = steps.map(attempt);
  if (attempts.some((result) => result instanceof RequestError)) throw together(...attempts);
  return attempts as T[];
}

/** Joins the faults of all attempts that are errors, so that the caller sees all mistakes at once. */
export function together(...attempts: readonly unknown[]): RequestError {
  const errors = attempts.filter((result) => result instanceof RequestError);
  return new RequestError(
    errors.flatMap((error) => error.faults),
    errors.reduce((count, error) => count + error.count, 0),
  );
}
