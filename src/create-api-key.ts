import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { clientName, type KeysFile, newKey, parseKeysFile, withKey } from './auth/api-keys.ts';
import { readKeySettings } from './config.ts';

/** Makes a key for a client, tells it once, and puts its digest into API_KEYS_FILE, or writes what belongs there. */
function makeKey(name: string | undefined): void {
  const { apiKeysFile: file, apiKeysSecret: secret } = readKeySettings();
  if (name === undefined || !clientName.test(name)) {
    throw new Error('name the client, in 1 to 128 of the characters A-Z a-z 0-9 _ . : @ | / + = -');
  }
  if (secret === undefined)
    throw new Error(`set API_KEYS_SECRET, here and for the service; for instance to ${randomBytes(32).toString('base64url')}`);
  const key = newKey();
  const before: KeysFile = file !== undefined && existsSync(file) ? parseKeysFile(readFileSync(file, 'utf8')) : { clients: [] };
  const text = `${JSON.stringify(withKey(before, name, key, secret), null, 2)}\n`;
  if (file !== undefined) replaceFile(file, text);
  process.stdout.write(`${key}\n${file === undefined ? text : ''}`);
}

/** Whoever reads the file meanwhile finds the old one or the new one, whole. */
function replaceFile(file: string, text: string): void {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx' });
  renameSync(unfinished, file);
}

try {
  makeKey(process.argv[2]);
} catch (error) {
  process.stderr.write(`new-key: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
