import type { TestContext } from 'node:test';

/** Whether tests try all cases that they have: `npm run coverage` sets this, and so do `npm run check` and `.ci/run`, which call it. */
const tryAll = process.env.TEST_CASES === 'all';

/** Why a test is left out, or false. */
export const leftOut = tryAll ? false : 'TEST_CASES=all runs it';

/** How many of `all` cases, or of another unit, a test tries here: all, or `some` where `npm test` is to be short, which is told. */
export function cases(t: TestContext, all: number, some: number, unit = 'cases'): number {
  if (!tryAll) t.diagnostic(`${some} of ${all} ${unit}: TEST_CASES=all tries all`);
  return tryAll ? all : some;
}

/** Which cases a test tries here: all, or every nth from the one at `first` on where `npm test` is to be short, which is told. */
export function everyNth<T>(t: TestContext, all: readonly T[], nth: number, first = 0): readonly T[] {
  const some = all.filter((_, place) => place % nth === first);
  return cases(t, all.length, some.length) === all.length ? all : some;
}
