import type { Body } from './bodies.ts';
import type { Server } from './servers.ts';

/** Has every server compute the same body: all must find the sum that ours finds, so that none can win by leaving something out. */
export async function sameSums(servers: readonly Server[], body: Body): Promise<void> {
  const [ours, ...peers] = await Promise.all(servers.map(async (server) => ({ name: server.name, sum: await sumOf(server, body) })));
  for (const { name, sum } of peers) {
    if (!(Math.abs(sum / ours.sum - 1) < 1e-9)) throw new Error(`${ours.name} finds ${ours.sum}, ${name} ${sum}`);
  }
}

async function sumOf({ name, origin }: Server, { type, bytes }: Body): Promise<number> {
  const headers = { 'content-type': type };
  const reply = await fetch(`${origin}/v1/kl-divergence`, { method: 'POST', headers, body: new Uint8Array(bytes) });
  if (!reply.ok) throw new Error(`${name} answers ${reply.status}: ${await reply.text()}`);
  const answer = (await reply.json()) as { sum?: number; results?: { sum: number } };
  return answer.results?.sum ?? answer.sum ?? Number.NaN;
}
