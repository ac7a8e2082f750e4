import { computePerLine, logits, shape } from './core-loop.ts';
import { klSum } from './textbook.ts';

const { input, target } = logits();

const rowsOf = (tensor: Float64Array) => Array.from({ length: shape[0] }, (_, row) => tensor.slice(row * shape[1], (row + 1) * shape[1]));

const inputRows = rowsOf(input);
const targetRows = rowsOf(target);

computePerLine(() => klSum(inputRows, targetRows) / shape[0]);
