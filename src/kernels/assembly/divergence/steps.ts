// the kinds, in the order of `src/core/kinds.ts`
export const logits: i32 = 0;
export const logProbs: i32 = 1;
export const probs: i32 = 2;
export const counts: i32 = 3;

// how the numbers of both sides are brought together, by their scales
export const ofLogs: i32 = 0;
export const ofMasses: i32 = 1;
export const mixed: i32 = 2;

// the passes over a row
export const done: i32 = 0;
export const range: i32 = 1;
export const add: i32 = 2;
export const refine: i32 = 3;
export const write: i32 = 4;
export const compare: i32 = 5;
export const mix: i32 = 6;
export const near: i32 = 7;
/** Once more the mass of Q, of log-probabilities. */
export const weigh: i32 = 8;
