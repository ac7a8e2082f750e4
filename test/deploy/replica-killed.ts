import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { post } from './post.ts';

/**
 * Load on nginx while the process of one replica is killed, again and again: `npm run replica-killed -- http://127.0.0.1:8080 CONTAINER`,
 * on the machine of Docker's daemon, with rights to its processes (`docker kill` would keep the replica from being started again). Exits
 * with 1 if a client noticed.
 */
const [url, container, kills = '3'] = process.argv.slice(2);
const connections = 32;

const small = Buffer.from(JSON.stringify({ input: [[1, 2, 3]], target: [[3, 2, 1]] }));
const row = Array.from({ length: 100 }, (_, k) => k / 7);
const large = Buffer.from(JSON.stringify({ input: Array(300).fill(row), target: Array(300).fill(row.toReversed()) }));

const outcomes: Record<string, number> = {};
let loading = true;
const clients = Array.from({ length: connections }, async (_, client) => {
  for (let turn = client; loading; turn += 1) {
    const outcome = await post(`${url}/v1/kl-divergence`, turn % 20 === 0 ? large : small);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
});

for (let kill = 0; kill < Number(kills); kill += 1) {
  await sleep(3_000);
  const killed = inspect('{{.State.StartedAt}}');
  const before = performance.now();
  process.kill(Number(inspect('{{.State.Pid}}')), 'SIGKILL');
  while (inspect('{{.State.Running}} {{.State.StartedAt}}') === `true ${killed}` || !(await isReady())) await sleep(20);
  process.stdout.write(`killed ${container}: ready again after ${((performance.now() - before) / 1000).toFixed(2)} s\n`);
}
await sleep(2_000);
loading = false;
await Promise.all(clients);
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
process.exitCode = Object.keys(outcomes).some((outcome) => outcome !== '200') ? 1 : 0;

function inspect(format: string): string {
  return execFileSync('docker', ['inspect', '--format', format, container], { encoding: 'utf8' }).trim();
}

/** Whether the replica says so itself, at its own address: nginx would ask the other one. */
async function isReady(): Promise<boolean> {
  const address = inspect('{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}').split(' ')[0];
  if (address === '') return false;
  return fetch(`http://${address}:3000/readyz`, { signal: AbortSignal.timeout(500) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
