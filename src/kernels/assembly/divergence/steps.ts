// the kinds, in the order of `src/core/kernel.ts`
export const logits: i32 = 0;
export const probs: i32 = 1;
export const counts: i32 = 2;
/** Log-probabilities on both sides; the two kinds behind it are log-probabilities of target alone, and of input alone. */
export const logProbs: i32 = 3;

// the passes over a row
export const done: i32 = 0;
export const range: i32 = 1;
export const add: i32 = 2;
export const refine: i32 = 3;
export const write: i32 = 4;
export const compare: i32 = 5;
export const mix: i32 = 6;
export const near: i32 = 7;
/** The sums, and then the refined ones, of a row in which outcomes have no mass. */
export const sparse: i32 = 8;
export const refineSparse: i32 = 9;
