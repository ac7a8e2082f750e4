import { type Fault, RequestError } from '../../errors/request-error.ts';
import { float64s } from '../../memory/small-arrays.ts';
import { cholesky, solveLower, solveRight, solveVector } from './cholesky.ts';
import { logQuotient, ratioGap } from './gaps.ts';
import { type Matrices, type MatrixName, matricesOf } from './matrices.ts';
import { type Joint, parameterOf, type Side } from './side.ts';

/** Below it both distributions are so near that the difference of their matrices says more than the matrices. */
const near = 0.01;

/**
 * ½·(Σ (m² - 1 - ln m²) over the diagonal of M = L₂⁻¹·L₁, plus Σ m² below it, plus |L₂⁻¹·(μ₁ - μ₂)|²), where L·Lᵀ = Σ: no summand is
 * negative. Precisions on both sides change places and need no inverse.
 * @throws RequestError NOT_POSITIVE_DEFINITE for a matrix that is none, or not symmetric
 */
export const multivariateNormal: Joint = (p, q, { axes, check }) => {
  const n = axes.outcomeOffsets.length;
  const areBoth = (name: MatrixName) => [p, q].every(({ parameters }) => Object.hasOwn(parameters, name));
  const arePrecisions = areBoth('precision_matrix');
  const [ofP, ofQ] = [p, q].map((side) => matricesOf(side, n, arePrecisions, check));
  // Σ₂⁻¹·Σ₁ is Λ₂·Λ₁⁻¹
  const [from, to] = arePrecisions ? [ofQ, ofP] : [ofP, ofQ];
  const hasDifference = arePrecisions || areBoth('covariance_matrix');
  const scratch = float64s(n * n);
  const ofMatrices = remembered(from, to, (d) => {
    const gap = triangularGap(from.factor(d), to.factor(d), scratch, n, check);
    return gap < near && hasDifference ? nearGap(from.matrix(d), to.matrix(d), to.factor(d), scratch, n, check) : gap;
  });
  const distance = float64s(n);
  const readDistance = distanceOf(p, q, n);
  return (d) => {
    throwFaults([...ofQ.faults(d), ...ofP.faults(d)]);
    readDistance(d, distance);
    const factor = ofQ.factor(d);
    if (arePrecisions) multiplyTransposed(factor, distance);
    else solveVector(factor, distance);
    let squares = 0;
    for (const x of distance) squares += x * x;
    return 0.5 * (ofMatrices(d) + squares);
  };
};

function throwFaults(faults: readonly Fault[]): void {
  if (faults.length > 0) throw new RequestError(faults);
}

/** Both sides may have one matrix for all distributions: what follows from them is found once. */
function remembered(from: Matrices, to: Matrices, find: (d: number) => number): (d: number) => number {
  if (!(from.isShared && to.isShared)) return find;
  let found: number | undefined;
  return (d) => {
    found ??= find(d);
    return found;
  };
}

/** Of M = L₂⁻¹·L₁ = I + E, where E is solved for with the difference of the factors. */
function triangularGap(a: Float64Array, b: Float64Array, e: Float64Array, n: number, check: () => void): number {
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) e[i * n + j] = a[i * n + j] - b[i * n + j];
  solveLower(b, e, n, (row) => row + 1, check);
  let gap = 0;
  for (let i = 0; i < n; i++) {
    const at = i * n + i;
    gap += ratioGap(e[at] * (2 + e[at]), 2 * logQuotient(a[at], b[at])) + squaresBefore(e, i * n, i);
  }
  return gap;
}

/** Of I + W with W = L₂⁻¹·(Σ₁ - Σ₂)·L₂⁻ᵀ: the difference of nearly equal matrices is exact, that of their factors is not. */
function nearGap(a: Float64Array, b: Float64Array, factor: Float64Array, w: Float64Array, n: number, check: () => void): number {
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      w[i * n + j] = a[i * n + j] - b[i * n + j];
      w[j * n + i] = w[i * n + j];
    }
  solveLower(factor, w, n, () => n, check);
  solveRight(factor, w, n, check);
  cholesky(w, n, 1, check);
  let gap = 0;
  for (let i = 0; i < n; i++) {
    const c = w[i * n + i];
    gap += ratioGap(c * (2 + c), 2 * Math.log1p(c)) + squaresBefore(w, i * n, i);
  }
  return gap;
}

function squaresBefore(matrix: Float64Array, start: number, length: number): number {
  let sum = 0;
  for (let j = start; j < start + length; j++) sum += matrix[j] * matrix[j];
  return sum;
}

/** Fills in μ₁ - μ₂ of a distribution. */
function distanceOf(p: Side, q: Side, n: number): (d: number, into: Float64Array) => void {
  const [a, b] = [p, q].map((side) => parameterOf(side, 'loc'));
  return (d, into) => {
    for (let k = 0; k < n; k++) into[k] = a.data[placeOf(a, d, k, n)] - b.data[placeOf(b, d, k, n)];
  };
}

/** A mean is one number for all coordinates, one vector for all distributions, or a vector for each. */
function placeOf({ data, isShared }: { readonly data: ArrayLike<number>; readonly isShared: boolean }, d: number, k: number, n: number) {
  if (data.length === 1) return 0;
  return isShared ? k : d * n + k;
}

/** Overwrites a vector v with Lᵀ·v. */
function multiplyTransposed(l: Float64Array, v: Float64Array): void {
  const n = v.length;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = j; i < n; i++) sum += l[i * n + j] * v[i];
    v[j] = sum;
  }
}
