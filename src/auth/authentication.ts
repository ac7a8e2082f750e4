import { type RequestError, refuse } from '../errors/request-error.ts';
import { clientOfKey } from './api-keys.ts';
import { watchedKeys } from './api-keys-file.ts';
import { type Credential, credentialOf } from './credential.ts';
import { type TokenRules, tokenVerifier } from './jwt.ts';
import type { Log } from './log.ts';

/** The accepted credentials: API keys, tokens, or both. */
export type Rules = { readonly keys?: { readonly file: string; readonly secret: string }; readonly tokens?: TokenRules };

export type Authentication = {
  /**
   * Returns the client that owns the credential in these headers: `key:` with the name of an API key, or `token:` with the subject of a
   * token, since the two are named by different people. @throws RequestError UNAUTHENTICATED, AUTH_UNAVAILABLE
   */
  readonly clientOf: (headers: Parameters<typeof credentialOf>[0]) => string | Promise<string>;
  readonly close: () => void;
};

/** @throws Error in one line, if the keys cannot be read */
export async function authentication({ keys, tokens }: Rules, log: Log): Promise<Authentication> {
  const stored = keys && watchedKeys(keys.file, log);
  const verify = tokens && (await tokenVerifier(tokens));

  function clientWith({ value, isBearer }: Credential): string | Promise<string> {
    if (verify !== undefined && isBearer && value.split('.').length === 3) return verify(value).then((subject) => known('token', subject));
    return known('key', stored && keys && clientOfKey(stored.current(), keys.secret, value));
  }

  return {
    clientOf: (headers) => {
      const credential = credentialOf(headers);
      if (credential === 'missing') throw unauthenticated('a credential is needed here, and the request has none');
      if (credential === 'unclear') throw notAccepted();
      return clientWith(credential);
    },
    close: () => stored?.close(),
  };
}

function known(kind: 'key' | 'token', name: string | undefined): string {
  if (name === undefined) throw notAccepted();
  return `${kind}:${name}`;
}

// no detail: the exact fault would help an attacker
function notAccepted(): RequestError {
  return unauthenticated('the credential of the request is not accepted');
}

function unauthenticated(detail: string): RequestError {
  return refuse('UNAUTHENTICATED', '#', detail);
}
