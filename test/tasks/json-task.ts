/** What every task gets that is asked for in JSON, without a deadline. */
export const jsonInput = {
  query: {},
  accepts: 'json' as const,
  limits: { maxElements: 100_000 },
  problemContext: { path: '/', requestId: 'one' },
  received: 0,
  deadline: Number.POSITIVE_INFINITY,
};

/** A body that has come as a whole. */
export function bodyOf(value: unknown) {
  const bytes = Buffer.from(JSON.stringify(value));
  return { bytes, numbers: new Float64Array(0), waitFor: () => bytes.length };
}
