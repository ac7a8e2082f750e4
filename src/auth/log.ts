/** Where this room tells what changed; never a credential. */
export type Log = Readonly<Record<'info' | 'warn' | 'error', (facts: Readonly<Record<string, unknown>>, message: string) => void>>;
