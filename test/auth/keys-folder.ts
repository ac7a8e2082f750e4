import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { newKey, withKey } from '../../src/auth/api-keys.ts';

export const secret = 'canary-secret-of-the-digests-0123456789';

/** A file with a key of each client, and the environment of a service that reads it. */
export function keysFolder(t: TestContext, ...clients: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'kl-keys-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'keys.json');
  const keys = clients.map(() => newKey());
  const write = (names: readonly string[], of: readonly string[]) => {
    const content = names.reduce((before, name, k) => withKey(before, name, of[k], secret), { clients: [] } as Parameters<
      typeof withKey
    >[0]);
    writeFileSync(file, JSON.stringify(content));
  };
  write(clients, keys);
  return { folder, file, keys, write, env: { API_KEYS_FILE: file, API_KEYS_SECRET: secret } };
}
