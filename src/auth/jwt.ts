import { RequestError, refuse } from '../errors/request-error.ts';
import { clientName } from './api-keys.ts';

/** The issuer, the audience and the signature algorithms of tokens. */
export type TokenRules = {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: string[];
};

/** The service fetches keys again this long after a failure, in ms. */
const retryPauseMs = 1_000;

/** Error codes of the key set that mean a bad token, not a failed fetch. */
const ofTheToken = ['ERR_JWKS_NO_MATCHING_KEY', 'ERR_JWKS_MULTIPLE_MATCHING_KEYS', 'ERR_JOSE_NOT_SUPPORTED'];

/**
 * Returns the subject of a token, or undefined. The token must be in force, signed by a key of the issuer, and issued for this service.
 * Keys come from the configured URL only; a URL in a token is ignored. Rejects with RequestError AUTH_UNAVAILABLE if the fetch of keys
 * fails.
 */
export async function tokenVerifier({ jwksUrl, ...rules }: TokenRules): Promise<(token: string) => Promise<string | undefined>> {
  const { createRemoteJWKSet, jwtVerify } = await import('jose');
  const keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 2_000 });
  let failedAt = Number.NEGATIVE_INFINITY;

  async function keyFor(...asked: Parameters<typeof keys>) {
    if (!keys.fresh && performance.now() - failedAt < retryPauseMs) throw unavailable();
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
