import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChild, freePort, startChild } from './child.ts';
import { listening, type Server, serverOf } from './servers.ts';

/** Why there is no program of a name; undefined if there is. */
export function missing(program: string, flag: string): string | undefined {
  const { error } = spawnSync(program, [flag], { stdio: 'ignore' });
  return error === undefined ? undefined : `no ${program} is installed`;
}

/** nginx, in front of each of some lists of servers, on a port for each list. */
export async function withProxies<T>(
  upstreams: readonly (readonly Server[])[],
  use: (fronts: readonly Server[]) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'kl-bench-'));
  const ports: number[] = [];
  for (const _ of upstreams) ports.push(await freePort());
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, upstreams, ports));
  const child = startChild('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']);
  try {
    const fronts = ports.map((port, k) => serverOf(`${upstreams[k].length} behind nginx`, port, child));
    await Promise.all(fronts.map(listening));
    return await use(fronts);
  } finally {
    await endChild(child);
    rmSync(folder, { recursive: true });
  }
}

/** A single process, so that none is left when it is ended, which keeps all bodies in memory. */
function configuration(folder: string, upstreams: readonly (readonly Server[])[], ports: readonly number[]): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
  const fronts = upstreams.map(
    (servers, k) => `
  upstream front${k} { ${servers.map(({ origin }) => `server ${new URL(origin).host};`).join(' ')} least_conn; keepalive 32; }
  server {
    listen 127.0.0.1:${ports[k]};
    location / { proxy_pass http://front${k}; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }`,
  );
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_max_body_size 64m;
  client_body_buffer_size 2m;
  proxy_buffers 64 64k;
  proxy_max_temp_file_size 0;
  ${paths.join('\n  ')}
${fronts.join('\n')}
}
`;
}
