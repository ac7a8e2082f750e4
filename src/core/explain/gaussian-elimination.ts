import { matrixNames } from '../closed-forms/matrices.ts';
import type { Parameter, Side } from '../closed-forms/side.ts';

type Matrix = readonly (readonly number[])[];

/** ½·(tr(Σ₂⁻¹·Σ₁) - n + Δᵀ·Σ₂⁻¹·Δ + ln(det Σ₂ / det Σ₁)) of distribution d, by inverse matrices and determinants. */
export function gaussianKl(p: Side, q: Side, d: number, n: number): number {
  const [first, second] = [covarianceOf(p, d, n), covarianceOf(q, d, n)];
  const [means, others] = [meanOf(p, d, n), meanOf(q, d, n)];
  const { inverse, logDeterminant } = eliminated(second);
  const distance = means.map((x, k) => x - others[k]);
  const trace = sumOver(n, (i) => sumOver(n, (k) => inverse[i][k] * first[k][i]));
  const squares = sumOver(n, (i) => sumOver(n, (k) => distance[i] * inverse[i][k] * distance[k]));
  return 0.5 * (trace - n + squares + logDeterminant - eliminated(first).logDeterminant);
}

function meanOf({ parameters: { loc } }: Side, d: number, n: number): number[] {
  const { data = new Float64Array(n), isShared = true } = loc ?? {};
  return Array.from({ length: n }, (_, k) => data[data.length === 1 ? 0 : isShared ? k : d * n + k]);
}

function covarianceOf({ parameters }: Side, d: number, n: number): Matrix {
  const name = matrixNames.find((one) => parameters[one] !== undefined) ?? 'covariance_matrix';
  const { data, isShared } = parameters[name] as Parameter;
  const start = isShared ? 0 : d * n * n;
  const matrix = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => data[start + i * n + j]));
  if (name === 'covariance_matrix') return matrix;
  if (name === 'precision_matrix') return eliminated(matrix).inverse;
  return matrix.map((row) => matrix.map((other) => sumOver(n, (k) => row[k] * other[k])));
}

/** The inverse of a matrix by Gauss and Jordan, the largest number of each column as its pivot, and the logarithm of its determinant. */
function eliminated(matrix: Matrix): { readonly inverse: Matrix; readonly logDeterminant: number } {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  let logDeterminant = 0;
  for (let column = 0; column < n; column++) {
    const below = rows.map((row, i) => (i < column ? -1 : Math.abs(row[column])));
    const pivotRow = below.indexOf(below.reduce((a, b) => Math.max(a, b)));
    [rows[column], rows[pivotRow]] = [rows[pivotRow], rows[column]];
    const pivot = rows[column][column];
    logDeterminant += Math.log(Math.abs(pivot));
    rows[column] = rows[column].map((value) => value / pivot);
    for (let i = 0; i < n; i++) {
      if (i === column) continue;
      const factor = rows[i][column];
      rows[i] = rows[i].map((value, j) => value - factor * rows[column][j]);
    }
  }
  return { inverse: rows.map((row) => row.slice(n)), logDeterminant };
}

function sumOver(n: number, term: (k: number) => number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += term(k);
  return sum;
}
