/** Where a decomposition came to an end: its row, and the pivot there, which is not above 0. */
export type BadPivot = { readonly row: number; readonly pivot: number };

/** Called for each row; it may throw to cancel. */
type Check = () => void;

/**
 * Overwrites the lower triangle of an n×n matrix A - s·I, row-major, with that of C - s·I, where C·Cᵀ = A and s is 0 or 1. With s = 1 the
 * entries keep their digits where A is near I. What stands above the diagonal is not read. Cholesky and Banachiewicz, row by row.
 * @returns the first pivot that is not above 0, where A is not positive definite
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
    if (!(s + rest > 0)) return { row: i, pivot: s + rest };
    matrix[row + i] = rest / (s + Math.sqrt(s + rest));
  }
  return undefined;
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
