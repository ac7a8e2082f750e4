import { createRequire } from 'node:module';

/** What is used of Moshier's Cephes library, by its names. */
type Cephes = {
  /** P(X ≥ x) of a chi-square variable with df degrees of freedom. */
  readonly chdtrc: (df: number, x: number) => number;
  /** The x with P(X ≥ x) = y of such a variable. */
  readonly chdtri: (df: number, y: number) => number;
  /** The x with P(X ≤ x) = y of a standard normal variable. */
  readonly ndtri: (y: number) => number;
  /** log Γ(x). */
  readonly lgam: (x: number) => number;
  /** ψ(x), the derivative of log Γ. */
  readonly psi: (x: number) => number;
};

const require = createRequire(import.meta.url);
let loaded: Cephes | undefined;

/**
 * Special functions, loaded when they are first needed: that takes 20 ms and 8 MB. The ES module of cephes would compile later, this one at
 * once.
 */
export function cephes(): Cephes {
  loaded ??= require('cephes') as Cephes;
  return loaded;
}
