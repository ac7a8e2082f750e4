import type { Fault } from '../../errors/request-error.ts';
import { float64s } from '../../memory/small-arrays.ts';
import { type BadPivot, cholesky, solveLower } from './cholesky.ts';
import { parameterOf, type Side } from './side.ts';

export const matrixNames = ['covariance_matrix', 'scale_tril', 'precision_matrix'] as const;

export type MatrixName = (typeof matrixNames)[number];

/** The matrices of one side, of a distribution at a time. */
export type Matrices = {
  readonly isShared: boolean;
  /** What is wrong with the matrix of a distribution; of one for all distributions it is told once. */
  readonly faults: (d: number) => readonly Fault[];
  /** The matrix as it was sent, in memory that is used again for the next. */
  readonly matrix: (d: number) => Float64Array;
  /** A lower triangular L with L·Lᵀ the covariance matrix; the precision matrix where that is to be kept. Only where there is no fault. */
  readonly factor: (d: number) => Float64Array;
};

/** How far from symmetric a matrix may be, relative to its diagonal: as far as float32 rounds it. */
const symmetryTolerance = 1e-6;

export function matricesOf(side: Side, n: number, keepsPrecision: boolean, check: () => void): Matrices {
  const name = matrixNames.find((one) => Object.hasOwn(side.parameters, one)) ?? 'covariance_matrix';
  const { data, isShared } = parameterOf(side, name);
  const matrix = float64s(n * n);
  const factor = float64s(n * n);
  const scratch = float64s(name === 'precision_matrix' && !keepsPrecision ? n * n : 0);
  let faults: readonly Fault[] = [];
  let current = -1;

  function read(d: number): void {
    const at = isShared ? 0 : d;
    if (at === current) return;
    current = at;
    matrix.set(data.subarray(at * n * n, (at + 1) * n * n));
    const problem = problemOf();
    const where = isShared ? '' : ` of distribution ${d}`;
    faults =
      problem === undefined
        ? []
        : [{ pointer: `#/${side.name}/${name}`, code: 'NOT_POSITIVE_DEFINITE', detail: `${name} of ${side.name}${where} ${problem}` }];
  }

  function problemOf(): string | undefined {
    if (name === 'scale_tril') {
      factor.set(matrix);
      return triangularProblem(matrix, n);
    }
    const asymmetry = asymmetryOf(matrix, n);
    if (asymmetry !== undefined) return asymmetry;
    if (name === 'precision_matrix' && !keepsPrecision) return inverted(matrix, scratch, factor, n, check);
    factor.set(matrix);
    return inWords(cholesky(factor, n, 0, check));
  }

  return {
    isShared,
    faults: (d) => {
      read(d);
      const untold = faults;
      faults = [];
      return untold;
    },
    matrix: (d) => {
      read(d);
      return matrix;
    },
    factor: (d) => {
      read(d);
      return factor;
    },
  };
}

function inWords(bad: BadPivot | undefined): string | undefined {
  if (bad === undefined) return undefined;
  const bound = bad.pivot > 0 ? `${bad.rounding}, which rounding may leave of 0` : '0';
  return `is not positive definite: its Cholesky decomposition comes to the pivot ${bad.pivot} in row ${bad.row}, and all must be above ${bound}`;
}

/** Fills in the L of which L·Lᵀ is the inverse of a matrix: L = U⁻ᵀ, where U·Uᵀ is the matrix and U is upper triangular. */
function inverted(matrix: Float64Array, u: Float64Array, factor: Float64Array, n: number, check: () => void): string | undefined {
  // a matrix that is turned by 180 degrees has U, turned, as its Cholesky factor
  for (let at = 0; at < n * n; at++) u[at] = matrix[n * n - 1 - at];
  const bad = cholesky(u, n, 0, check);
  if (bad !== undefined) return inWords({ ...bad, row: n - 1 - bad.row });
  mirror(u, n);
  factor.fill(0);
  for (let i = 0; i < n; i++) factor[i * n + i] = 1;
  solveLower(u, factor, n, (row) => row + 1, check);
  return undefined;
}

/** Exchanges the entries of a lower triangle that mirror each other in the other diagonal. */
function mirror(matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i && i + j < n - 1; j++) {
      const [at, opposite] = [i * n + j, (n - 1 - j) * n + (n - 1 - i)];
      [matrix[at], matrix[opposite]] = [matrix[opposite], matrix[at]];
    }
  }
}

function triangularProblem(matrix: Float64Array, n: number): string | undefined {
  for (let i = 0; i < n; i++) {
    if (!(matrix[i * n + i] > 0))
      return `has ${matrix[i * n + i]} on its diagonal, in row ${i}, where a Cholesky factor has numbers above 0`;
    for (let j = i + 1; j < n; j++) {
      if (matrix[i * n + j] !== 0) return `is not lower triangular: element [${i}, ${j}], above its diagonal, is ${matrix[i * n + j]}`;
    }
  }
  return undefined;
}

/** The lower triangle is read; the other one must be the same but for rounding. */
function asymmetryOf(matrix: Float64Array, n: number): string | undefined {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const [lower, upper] = [matrix[i * n + j], matrix[j * n + i]];
      if (lower === upper) continue;
      const size = Math.sqrt(Math.abs(matrix[i * n + i])) * Math.sqrt(Math.abs(matrix[j * n + j]));
      if (!(Math.abs(lower - upper) <= symmetryTolerance * size))
        return `is not symmetric: element [${i}, ${j}] is ${lower}, and [${j}, ${i}] is ${upper}`;
    }
  }
  return undefined;
}
