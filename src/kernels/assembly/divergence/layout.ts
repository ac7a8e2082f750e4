/** How many float64 each of `input`, `target` and `terms` holds: a longer row comes in pieces. */
export const capacity: i32 = 262144;
/** How many float64 `totals` holds, and how many bytes `regular` and `skipped`. */
export const mostRows: i32 = 8192;
// the page after the constants
export const input: usize = 0x10000;
export const target: usize = input + (capacity << 3);
export const terms: usize = target + (capacity << 3);
/** The exponentials of logits, where no terms are wanted. */
export const powersP: usize = terms;
export const powersQ: usize = terms + (capacity << 3);
export const totals: usize = powersQ + (capacity << 3);
export const regular: usize = totals + (mostRows << 3);
/** Rows that are passed over, where it is 1: they are regular, whatever stands in them. */
export const skipped: usize = regular + mostRows;

/** Of each row how many outcomes have no mass in Q, as i32: in place of terms, for rows that are found without them and without forms. */
export const missing: usize = terms;

/** Of each row of different lengths the place of its first number, and how many numbers it has, as i32. */
export const spans: usize = skipped + mostRows;

/** How many divergences may be asked for beside each other. */
export const mostForms: i32 = 32;
/** What is asked for: the number of each form as an i32, and its parameter as a float64. */
export const forms: usize = spans + (mostRows << 3);
export const parameters: usize = forms + (mostForms << 2);
/** The sum of each form so far. */
export const sums: usize = parameters + (mostForms << 3);

/** Numbers added to one running sum, so that rounding does not grow with the length of a row. */
export const block: i32 = 256;
/** The outcomes of a block, two at a time: p, q / p, d = log p - log q, e = q / p - 1 and d + e, 16 bytes each. */
export const pairs: usize = sums + (mostForms << 3);
export const pairBytes: usize = 80;

/** A block of both sides, with something in place of numbers without mass, and two of numbers that are computed. */
export const filledP: usize = pairs + 192 * pairBytes;
export const filledQ: usize = filledP + 2304;
export const computedP: usize = filledQ + 2304;
export const computedQ: usize = computedP + 2304;
