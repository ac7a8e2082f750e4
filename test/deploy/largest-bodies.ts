import { endure, limitsOf, permittedShare } from './confined.ts';
import { type DearRequest, dearestRequests, type Limits } from './dearest-requests.ts';
import { bodies } from './largest-body.ts';
import { cgroupsMissing, startConfined } from './memory-cgroup.ts';

/**
 * The dearest requests and the largest bodies of every kind, each on a fresh service in a memory cgroup, in turn in each of so many MiB:
 * `npm run largest-bodies -- 256 512 1024`, as root on Linux; only those whose name has the text ONLY. Of what is refused for its size, the
 * largest that is not is sent as well. Exits with 1 if the service was killed, or a reply was neither a result nor a problem.
 */
const sizes = process.argv.slice(2).map((size) => Number(size) * 2 ** 20);
const { ONLY = '' } = process.env;

const missing = cgroupsMissing();
if (missing !== undefined) process.stdout.write(`skipped: ${missing}\n`);
else for (const [turn, bytes] of sizes.entries()) await endureAll(bytes, turn);

/** Runs every request whose turn it is in a container of this size. */
async function endureAll(bytes: number, turn: number): Promise<void> {
  const service = await startConfined(bytes);
  const limits = await limitsOf(service);
  await service.end();
  const names = [...Object.keys(bodies), ...dearestRequests(limits).map(({ name }) => name)];
  const inTurn = names.filter((_, index) => index % sizes.length === turn);
  for (const name of inTurn.filter((name) => name.includes(ONLY))) {
    const within = (share: number) => requestOf(name, shareOf(limits, share));
    try {
      const { words, isTooLarge } = await endure(bytes, within(1));
      report(bytes, name, words);
      if (!isTooLarge) continue;
      const share = await permittedShare(bytes, within);
      report(bytes, `${name}, at ${share} of the limits`, (await endure(bytes, within(share))).words);
    } catch (error) {
      process.exitCode = 1;
      report(bytes, name, `FAILED: ${(error as Error).message}`);
    }
  }
}

function requestOf(name: string, limits: Limits): DearRequest {
  const make = bodies[name];
  if (make !== undefined) return { name, ...make(limits.body_bytes, limits.elements_per_tensor) };
  return dearestRequests(limits).find((dear) => dear.name === name) as DearRequest;
}

function shareOf({ body_bytes, elements_per_tensor, explained_elements_per_tensor, rank }: Limits, share: number): Limits {
  const part = (limit: number) => Math.floor(share * limit);
  return {
    body_bytes: part(body_bytes),
    elements_per_tensor: part(elements_per_tensor),
    explained_elements_per_tensor: part(explained_elements_per_tensor),
    rank,
  };
}

function report(bytes: number, name: string, outcome: string): void {
  process.stdout.write(`${bytes / 2 ** 20} MiB, ${name}: ${outcome}\n`);
}
