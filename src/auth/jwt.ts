import { RequestError, refuse } from '../errors/request-error.ts';
import { clientName } from './api-keys.ts';

/** Who issues tokens, for whom, and how they may be signed. */
export type TokenRules = {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: string[];
};

/** For so many ms nobody asks again for keys that could not be fetched. */
const pause = 1_000;

/** What the key set says of a token, rather than of itself. */
const ofTheToken = ['ERR_JWKS_NO_MATCHING_KEY', 'ERR_JWKS_MULTIPLE_MATCHING_KEYS', 'ERR_JOSE_NOT_SUPPORTED'];

/**
 * The subject of a token, if it is signed by one of the issuer's keys, meant for us and in force, else undefined. Keys come from the one URL,
 * whatever a token says of where they are. It rejects with RequestError AUTH_UNAVAILABLE when they cannot be fetched.
 */
export async function tokenVerifier({ jwksUrl, ...rules }: TokenRules): Promise<(token: string) => Promise<string | undefined>> {
  const { createRemoteJWKSet, jwtVerify } = await import('jose');
  const keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 2_000 });
  let failedAt = Number.NEGATIVE_INFINITY;

  async function keyFor(...asked: Parameters<typeof keys>) {
    if (!keys.fresh && performance.now() - failedAt < pause) throw unavailable();
    try {
      return await keys(...asked);
    } catch (error) {
      if (ofTheToken.includes((error as { code?: string }).code ?? '')) throw error;
      failedAt = performance.now();
      throw unavailable();
    }
  }

  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keyFor, { ...rules, requiredClaims: ['exp', 'sub'], clockTolerance: 10 });
      return typeof payload.sub === 'string' && clientName.test(payload.sub) ? payload.sub : undefined;
    } catch (error) {
      if (error instanceof RequestError) throw error;
      return undefined;
    }
  };
}

function unavailable(): RequestError {
  return refuse('AUTH_UNAVAILABLE', '#', 'the keys by which tokens are checked cannot be fetched', 1);
}
