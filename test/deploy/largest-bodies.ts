import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { bodies } from './largest-body.ts';
import { type Sent, send } from './send.ts';

/**
 * The largest bodies that a service takes, in every form, 32 at a time, for a container of little memory: after
 * `MEMORY_LIMIT=512m docker compose up`, `npm run largest-bodies -- http://127.0.0.1:3000 CONTAINER [FORM…]`, on the machine of Docker's daemon.
 * Clients that are refused come again when they are told to. Exits with 1 if the process was killed, a connection was lost, or an answer was another one.
 */
const [url, container, ...wanted] = process.argv.slice(2);
const atOnce = 32;
const rounds = 3;

const { limits } = (await (await fetch(`${url}/v1/info`)).json()) as { limits: { body_bytes: number; elements_per_tensor: number } };
const before = lives();
let failed = false;
for (const [form, make] of Object.entries(bodies)) {
  if (wanted.length > 0 && !wanted.includes(form)) continue;
  const { status, path = '', ...request } = make(limits.body_bytes, limits.elements_per_tensor);
  const outcomes: Record<string, number> = {};
  let refusals = 0;
  forgetPeak();
  const started = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    const client = async (place: number) => {
      for (;;) {
        const { outcome, retryAfter } = await send(`${url}/v1/kl-divergence${path}`, { ...request, body: request.body(place) } as Sent);
        if (outcome !== '503') return outcome;
        refusals += 1;
        await sleep((retryAfter + Math.random()) * 1_000);
      }
    };
    for (const outcome of await Promise.all(Array.from({ length: atOnce }, (_, place) => client(place)))) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
  }
  failed ||= Object.keys(outcomes).some((outcome) => outcome !== String(status));
  const seconds = ((performance.now() - started) / 1_000 / rounds).toFixed(1);
  process.stdout.write(
    `${form}: ${JSON.stringify(outcomes)} after ${refusals} refusals, ${seconds} s a round; the process had ${peak()} at most\n`,
  );
}
const after = lives();
process.stdout.write(`started ${before}, then ${after}\n`);
process.exitCode = failed || before !== after ? 1 : 0;

/** When its process was started, and whether the kernel has killed it. */
function lives(): string {
  return inspect('{{.State.StartedAt}}, killed for memory: {{.State.OOMKilled}}, restarts: {{.RestartCount}}');
}

function inspect(format: string): string {
  return execFileSync('docker', ['inspect', '--format', format, container], { encoding: 'utf8' }).trim();
}

/** The kernel keeps the largest size that the process has had; this begins anew. */
function forgetPeak(): void {
  writeFileSync(`/proc/${inspect('{{.State.Pid}}')}/clear_refs`, '5');
}

function peak(): string {
  const status = readFileSync(`/proc/${inspect('{{.State.Pid}}')}/status`, 'utf8');
  return `${Math.round(Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]) / 1024)} MiB`;
}
