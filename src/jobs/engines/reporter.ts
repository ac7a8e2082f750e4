/** While a store is away it fails again and again: once a minute is enough to know. */
const repeatMs = 60_000;

/** Only the message of an error is told: errors of Redis also hold the command, such as AUTH with its password. */
export function reporter(store: string, report: (error: Error) => void): (error: unknown) => void {
  const toldAt = new Map<string, number>();
  return (error) => {
    const { message } = error as Error;
    const now = performance.now();
    for (const [old, time] of toldAt) if (now - time >= repeatMs) toldAt.delete(old);
    if (toldAt.has(message)) return;
    toldAt.set(message, now);
    report(new Error(`${store}: ${message}`));
  };
}
