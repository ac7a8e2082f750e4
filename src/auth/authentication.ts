import { type RequestError, refuse } from '../errors/request-error.ts';
import { clientOfKey } from './api-keys.ts';
import { watchedKeys } from './api-keys-file.ts';
import { type Credential, credentialOf } from './credential.ts';
import { type TokenRules, tokenVerifier } from './jwt.ts';
import type { Log } from './log.ts';

/** The accepted credentials: API keys, tokens, or both. */
export type Rules = { readonly keys?: { readonly file: string; readonly secret: string }; readonly tokens?: TokenRules };

export type Authentication = {
  /** Returns the name of the client that owns the credential in these headers. @throws RequestError UNAUTHENTICATED, AUTH_UNAVAILABLE */
  readonly clientOf: (headers: Parameters<typeof credentialOf>[0]) => string | Promise<string>;
  readonly close: () => void;
};

/** @throws Error in one line, if the keys cannot be read */
export async function authentication({ keys, tokens }: Rules, log: Log): Promise<Authentication> {
  const stored = keys && watchedKeys(keys.file, log);
  const verify = tokens && (await tokenVerifier(tokens));

  const clientWith = ({ value, isBearer }: Credential) =>
    verify !== undefined && isBearer && value.split('.').length === 3
      ? verify(value)
      : stored && keys && clientOfKey(stored.current(), keys.secret, value);

  return {
    clientOf: (headers) => {
      const credential = credentialOf(headers);
      if (credential === 'missing') throw unauthenticated('a credential is needed here, and the request has none');
      if (credential === 'unclear') throw notAccepted();
      const client = clientWith(credential);
      return client instanceof Promise ? client.then(known) : known(client);
    },
    close: () => stored?.close(),
  };
}

function known(client: string | undefined): string {
  if (client === undefined) throw notAccepted();
  return client;
}

// no detail: the exact fault would help an attacker
function notAccepted(): RequestError {
  return unauthenticated('the credential of the request is not accepted');
}

function unauthenticated(detail: string): RequestError {
  return refuse('UNAUTHENTICATED', '#', detail);
}
