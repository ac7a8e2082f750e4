import { randomBytes } from 'node:crypto';
import { clientName, newKey, withKey } from './auth/api-keys.ts';
import { changeKeysFile } from './auth/change-keys-file.ts';
import { readKeySettings } from './config.ts';

/** Makes a key for a client, tells it once, and puts its digest into API_KEYS_FILE, or writes what belongs there. */
async function makeKey(name: string | undefined): Promise<void> {
  const { apiKeysFile: file, apiKeysSecret: secret } = readKeySettings();
  if (name === undefined || !clientName.test(name)) {
    throw new Error('name the client, in 1 to 128 of the characters A-Z a-z 0-9 _ . : @ | / + = -');
  }
  if (secret === undefined)
    throw new Error(`set API_KEYS_SECRET, here and for the service; for instance to ${randomBytes(32).toString('base64url')}`);
  const key = newKey();
  if (file !== undefined) await changeKeysFile(file, (before) => withKey(before, name, key, secret));
  const text = file === undefined ? `${JSON.stringify(withKey({ clients: [] }, name, key, secret), null, 2)}\n` : '';
  process.stdout.write(`${key}\n${text}`);
}

try {
  await makeKey(process.argv[2]);
} catch (error) {
  process.stderr.write(`create-api-key: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
