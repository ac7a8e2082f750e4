type Numbers = ArrayLike<number>;

/** exp(x) / sum of exp(x), of one row. */
function softmax(row: Numbers): Float64Array {
  const exps = exponentials(row);
  const total = sumOf(exps);
  for (let k = 0; k < exps.length; k++) exps[k] /= total;
  return exps;
}

/** The logarithm of the softmax, of one row. */
function logSoftmax(row: Numbers): Float64Array {
  const logTotal = highestOf(row) + Math.log(sumOf(exponentials(row)));
  const logs = new Float64Array(row.length);
  for (let k = 0; k < row.length; k++) logs[k] = row[k] - logTotal;
  return logs;
}

/** The sum of p (log p - log q) over all rows, of logits. */
export function klSum(input: readonly Numbers[], target: readonly Numbers[]): number {
  let sum = 0;
  for (let d = 0; d < target.length; d++) {
    const p = softmax(target[d]);
    const logQ = logSoftmax(input[d]);
    for (let k = 0; k < p.length; k++) sum += p[k] * (Math.log(p[k]) - logQ[k]);
  }
  return sum;
}

/** The exponentials without overflow: relative to the highest. */
function exponentials(row: Numbers): Float64Array {
  const highest = highestOf(row);
  const exps = new Float64Array(row.length);
  for (let k = 0; k < row.length; k++) exps[k] = Math.exp(row[k] - highest);
  return exps;
}

function highestOf(row: Numbers): number {
  let highest = row[0];
  for (let k = 1; k < row.length; k++) highest = Math.max(highest, row[k]);
  return highest;
}

function sumOf(row: Numbers): number {
  let sum = 0;
  for (let k = 0; k < row.length; k++) sum += row[k];
  return sum;
}
