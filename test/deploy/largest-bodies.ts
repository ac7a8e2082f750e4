import { endure, limitsOf } from './confined.ts';
import { dearestRequests } from './dearest-requests.ts';
import { bodies } from './largest-body.ts';
import { cgroupsMissing, startConfined } from './memory-cgroup.ts';

/**
 * The dearest requests and the largest bodies of every kind, each on a fresh service in a memory cgroup, in turn in each of so many MiB:
 * `npm run largest-bodies -- 256 512 1024`, as root on Linux; only those whose name has the text ONLY. Exits with 1 if the service was killed,
 * or a reply was neither a result nor a problem.
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
  const largest = Object.entries(bodies).map(([name, make]) => ({ name, ...make(limits.body_bytes, limits.elements_per_tensor) }));
  const requests = [...dearestRequests(limits), ...largest].filter((_, index) => index % sizes.length === turn);
  for (const dear of requests.filter(({ name }) => name.includes(ONLY))) {
    const outcome = await endure(bytes, dear).catch((error) => {
      process.exitCode = 1;
      return `FAILED: ${error.message}`;
    });
    process.stdout.write(`${bytes / 2 ** 20} MiB, ${dear.name}: ${outcome}\n`);
  }
}
