import { execFileSync } from 'node:child_process';
import { post } from './post.ts';

/**
 * Bodies just below BODY_LIMIT, 32 at a time, for a container of little memory: after `MEMORY_LIMIT=512m docker compose up`,
 * `npm run largest-bodies -- http://127.0.0.1:3000 CONTAINER`. Refusals are answers; exits with 1 if the process was killed or a connection lost.
 */
const [url, container, bytes = String(64 * 2 ** 20)] = process.argv.slice(2);
const atOnce = 32;
const rounds = 3;

const row = JSON.stringify(Array.from({ length: 100 }, (_, k) => Math.sin(k) * 10));
const rows = Math.floor((Number(bytes) - 64) / 2 / (row.length + 1));
const tensor = `[${Array(rows).fill(row).join(',')}]`;
const body = Buffer.from(`{"input":${tensor},"target":${tensor},"reduction":"sum"}`);

const outcomes: Record<string, number> = {};
const before = lives();
for (let round = 0; round < rounds; round += 1) {
  for (const outcome of await Promise.all(Array.from({ length: atOnce }, () => post(`${url}/v1/kl-divergence`, body)))) {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
}
const after = lives();
process.stdout.write(
  `${rounds} × ${atOnce} bodies of ${body.length} bytes: ${JSON.stringify(outcomes)}; started ${before}, then ${after}\n`,
);
process.exitCode = before !== after || Object.keys(outcomes).some((outcome) => !/^\d{3}$/.test(outcome)) ? 1 : 0;

/** When its process was started, and whether the kernel has killed it. */
function lives(): string {
  const format = '{{.State.StartedAt}}, killed for memory: {{.State.OOMKilled}}, restarts: {{.RestartCount}}';
  return execFileSync('docker', ['inspect', '--format', format, container], { encoding: 'utf8' }).trim();
}
