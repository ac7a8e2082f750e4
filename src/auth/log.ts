/** The log of this folder. It never receives a credential. */
export type Log = Readonly<Record<'info' | 'warn' | 'error', (facts: Readonly<Record<string, unknown>>, message: string) => void>>;
