/** Where a decomposition came to an end: its row, and the pivot there, which is not above `rounding`, what rounding may leave of 0. */
export type BadPivot = { readonly row: number; readonly pivot: number; readonly rounding: number };

/** Called for each row; it may throw to cancel. */
type Check = () => void;

/**
 * Overwrites the lower triangle of an n×n matrix A - s·I, row-major, with that of C - s·I, where C·Cᵀ = A and s is 0 or 1. With s = 1 the
 * entries keep their digits where A is near I. What stands above the diagonal is not read. Cholesky and Banachiewicz, row by row.
 * @returns the first pivot that is not above what rounding may leave of 0, where A is not positive definite or cannot be told from such a
 * matrix
 */
export function cholesky(matrix: Float64Array, n: number, s: 0 | 1, check: Check): BadPivot | undefined {
  for (let i = 0; i < n; i++) {
    check();
    const row = i * n;
    for (let j = 0; j < i; j++) {
      const other = j * n;
      matrix[row + j] = (matrix[row + j] - dot(matrix, row, matrix, other, j)) / (s + matrix[other + j]);
    }
    const rest = matrix[row + i] - dot(matrix, row, matrix, row, i);
    const rounding = s === 0 && rest < smallPivot * matrix[row + i] ? roundingOfPivot(matrix, n, i, Math.sqrt(matrix[row + i])) : 0;
    if (!(s + rest > rounding)) return { row: i, pivot: s + rest, rounding };
    matrix[row + i] = rest / (s + Math.sqrt(s + rest));
  }
  return undefined;
}

/** Larger pivots, relative to their diagonal element, have digits. */
const smallPivot = 2 ** -20;

/**
 * How far rounding may put pivot i from that of A: the decomposition is that of a matrix whose entries differ by (n + 1)·2⁻⁵³·√(a_jj·a_kk),
 * and the pivot is that quadratic form of (-A₁₁⁻¹·a₁₂, 1). Higham, Accuracy and Stability of Numerical Algorithms, theorem 10.3:
 * doi:10.1137/1.9780898718027
 * @param matrix its rows above i are those of the factor, and row i but for the pivot
 * @param size √a_ii
 */
function roundingOfPivot(matrix: Float64Array, n: number, i: number, size: number): number {
  const weights = matrix.slice(i * n, i * n + i);
  let sum = size;
  for (let j = i - 1; j >= 0; j--) {
    for (let k = j + 1; k < i; k++) weights[j] -= matrix[k * n + j] * weights[k];
    weights[j] /= matrix[j * n + j];
    sum += Math.abs(weights[j]) * Math.sqrt(dot(matrix, j * n, matrix, j * n, j + 1));
  }
  return (n + 1) * 2 ** -53 * sum * sum;
}

/** Overwrites the first `columns(i)` entries of each row of B, n×n, with those of L⁻¹·B; L is lower triangular. */
export function solveLower(l: Float64Array, b: Float64Array, n: number, columns: (row: number) => number, check: Check): void {
  for (let i = 0; i < n; i++) {
    check();
    const row = i * n;
    for (let k = 0; k < i; k++) {
      const factor = l[row + k];
      const above = k * n;
      const width = columns(k);
      if (factor !== 0) for (let j = 0; j < width; j++) b[row + j] -= factor * b[above + j];
    }
    const pivot = l[row + i];
    for (let j = 0; j < columns(i); j++) b[row + j] /= pivot;
  }
}

/** Overwrites the lower triangle of B, n×n, with that of B·L⁻ᵀ. */
export function solveRight(l: Float64Array, b: Float64Array, n: number, check: Check): void {
  for (let i = 0; i < n; i++) {
    check();
    const row = i * n;
    for (let j = 0; j <= i; j++) b[row + j] = (b[row + j] - dot(b, row, l, j * n, j)) / l[j * n + j];
  }
}

/** Overwrites a vector v with L⁻¹·v. */
export function solveVector(l: Float64Array, v: Float64Array): void {
  const n = v.length;
  for (let i = 0; i < n; i++) v[i] = (v[i] - dot(l, i * n, v, 0, i)) / l[i * n + i];
}

function dot(a: Float64Array, startA: number, b: Float64Array, startB: number, length: number): number {
  let [even, odd] = [0, 0];
  let k = 0;
  for (; k + 1 < length; k += 2) {
    even += a[startA + k] * b[startB + k];
    odd += a[startA + k + 1] * b[startB + k + 1];
  }
  return k < length ? even + odd + a[startA + k] * b[startB + k] : even + odd;
}
