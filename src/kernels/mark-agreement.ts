/** What the module has for the most likely outcomes. */
export type AgreementExports = {
  readonly input: WebAssembly.Global;
  readonly target: WebAssembly.Global;
  readonly agreesAt: (target: number, input: number, n: number) => number;
  readonly beginTop: () => void;
  readonly widenTop: (target: number, input: number, n: number) => void;
  readonly agrees: () => number;
};

/** Which distribution each row of the module's memory is, and 1 for a row that is not read. */
type Rows = { readonly distributions: Uint32Array; readonly skipped: Uint8Array };

/** Writes to `agrees` what `topOneAgreement` returns, of `count` rows of n. */
export function markAgreement(
  { agreesAt, target, input }: AgreementExports,
  { distributions, skipped }: Rows,
  n: number,
  count: number,
  agrees: Uint8Array,
): void {
  for (let row = 0; row < count; row++) {
    if (skipped[row] === 0) agrees[distributions[row]] = agreesAt(target.value + 8 * row * n, input.value + 8 * row * n, n);
  }
}
