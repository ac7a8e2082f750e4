/**
 * The colours of the pictures, as names of the style sheet has them: P is blue and Q orange, which the colour-blind tell apart, and so are
 * the terms where P or Q is the larger.
 */
export const colors = {
  target: 'var(--target)',
  input: 'var(--input)',
  ink: 'var(--ink)',
  faint: 'var(--faint)',
  line: 'var(--line)',
  paper: 'var(--surface)',
} as const;

/** Returns the colour of a term: the further from 0 the stronger. */
export function termColor(value: number, largest: number): string {
  if (Number.isNaN(value)) return 'var(--blank)';
  const share = strengthOf(value, largest);
  return `color-mix(in srgb, ${value < 0 ? colors.input : colors.target} ${(100 * share).toFixed(1)}%, var(--cell))`;
}

/** Returns the colour of text on such a term. */
export function textColor(value: number, largest: number): string {
  return strengthOf(value, largest) > 0.62 ? colors.paper : colors.ink;
}

function strengthOf(value: number, largest: number): number {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 0 : 1;
  return largest === 0 ? 0 : Math.min(1, Math.abs(value) / largest);
}
