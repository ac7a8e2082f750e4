/** How much of one budget each client holds, and who was refused more of it lately. */
type Shares = {
  /** Adds an amount, or takes a negative one back. */
  readonly add: (client: string, amount: number) => void;
  /**
   * Whether a request of a client, which holds `held`, may hold `need`. While others have been refused in the last minute and half of the
   * budget is taken, no client gets more than an equal share. A client's only request is always allowed.
   */
  readonly allows: (client: string, held: number, need: number) => boolean;
  /** Notes that a client was refused. */
  readonly refused: (client: string) => void;
};

/** A client that was refused counts for this many ms. */
const memoryMs = 60_000;

/** More clients than this are not remembered: the share of each is small enough. */
const maxRefused = 1_000;

/** @param clock the time in ms */
export function createShares(budget: number, clock: () => number): Shares {
  const held = new Map<string, number>();
  // the longest ago comes first
  const refusals = new Map<string, number>();
  let total = 0;

  function add(client: string, amount: number): void {
    if (amount === 0) return;
    total += amount;
    const next = (held.get(client) ?? 0) + amount;
    if (next === 0) held.delete(client);
    else held.set(client, next);
  }

  function forget(): void {
    const oldest = clock() - memoryMs;
    for (const [client, time] of refusals) {
      if (time > oldest && refusals.size <= maxRefused) return;
      refusals.delete(client);
    }
  }

  function allows(client: string, own: number, need: number): boolean {
    if (refusals.size === 0 || total - own + need <= budget / 2) return true;
    forget();
    const others = refusals.size - (refusals.has(client) ? 1 : 0);
    const rest = (held.get(client) ?? 0) - own;
    return others === 0 || rest === 0 || rest + need <= budget / (1 + others);
  }

  function refused(client: string): void {
    refusals.delete(client);
    refusals.set(client, clock());
    forget();
  }
  return { add, allows, refused };
}
