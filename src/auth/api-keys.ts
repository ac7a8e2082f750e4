import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** The name of a client appears only in logs and quotas. */
export const clientName = /^[\w.:@|/+=-]{1,128}$/;

const keysFile = z
  .strictObject({
    clients: z.array(
      z.strictObject({
        name: z.string().regex(clientName),
        keys: z.array(z.string().regex(/^[0-9a-f]{64}$/, 'not 64 hexadecimal digits')),
      }),
    ),
  })
  .refine(({ clients }) => isDistinct(clients.map(({ name }) => name)), { path: ['clients'], message: 'two have the same name' })
  .refine(({ clients }) => isDistinct(clients.flatMap(({ keys }) => keys)), { path: ['clients'], message: 'a digest stands there twice' });

/** The clients that may call, with the digests of their keys. */
export type KeysFile = z.output<typeof keysFile>;

/** The digest of a key, and the client that owns it. */
export type StoredKey = { readonly client: string; readonly digest: Buffer };

/** @throws Error that locates the fault, and contains no digest */
export function parseKeysFile(text: string): KeysFile {
  const parsed = keysFile.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new Error(`${path.length === 0 ? 'the whole' : `/${path.join('/')}`}: ${message}`);
}

export function storedKeys({ clients }: KeysFile): readonly StoredKey[] {
  return clients.flatMap(({ name, keys }) => keys.map((digest) => ({ client: name, digest: Buffer.from(digest, 'hex') })));
}

/** Returns the client that owns a key. The time does not depend on the key, so that it reveals nothing. */
export function clientOfKey(stored: readonly StoredKey[], secret: string, key: string): string | undefined {
  const presented = digestOf(key, secret);
  let found: string | undefined;
  for (const { client, digest } of stored) if (timingSafeEqual(presented, digest)) found = client;
  return found;
}

/** Returns a key of 256 random bits. It has no dots, so that it never looks like a JWT. */
export function newKey(): string {
  return `kl_${randomBytes(32).toString('base64url')}`;
}

/** Returns the file with one more key, for a known or a new client. */
export function withKey({ clients }: KeysFile, name: string, key: string, secret: string): KeysFile {
  const digest = digestOf(key, secret).toString('hex');
  if (!clients.some((client) => client.name === name)) return { clients: [...clients, { name, keys: [digest] }] };
  return { clients: clients.map((client) => (client.name === name ? { name, keys: [...client.keys, digest] } : client)) };
}

function digestOf(key: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(key).digest();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // the parser's own message quotes the text
    throw new Error('not valid JSON');
  }
}

function isDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
