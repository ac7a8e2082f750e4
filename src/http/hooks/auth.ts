import type { FastifyInstance } from 'fastify';
import { authentication, type Rules } from '../../auth/authentication.ts';
import { type QuotaRules, quota } from '../../auth/quota.ts';
import { registerAuthentication } from './authentication.ts';
import type { ElementLimits } from './body-elements.ts';
import { registerQuota } from './quota.ts';

/** The settings of authentication and of the quota. */
type Settings = {
  readonly apiKeysFile: string | undefined;
  readonly apiKeysSecret: string | undefined;
  readonly jwtJwksUrl: string | undefined;
  readonly jwtIssuer: string | undefined;
  readonly jwtAudience: string | undefined;
  readonly jwtAlgorithms: string[];
  readonly quotaElements: number | undefined;
  readonly quotaWindowSeconds: number;
  readonly redisUrl: string | undefined;
} & ElementLimits;

/** Registers authentication and the quota if the settings have them. Both run before a body is read, and for unknown paths too. */
export async function registerAuth(app: FastifyInstance, settings: Settings): Promise<void> {
  const rules = rulesOf(settings);
  registerAuthentication(app, rules && (await authentication(rules, app.log)));
  const counted = quotaRulesOf(settings);
  registerQuota(app, counted && (await quota(counted, app.log)), settings);
}

function rulesOf(settings: Settings): Rules | undefined {
  const { apiKeysFile: file, apiKeysSecret: secret, jwtJwksUrl: jwksUrl, jwtIssuer: issuer, jwtAudience: audience } = settings;
  const keys = file !== undefined && secret !== undefined && { keys: { file, secret } };
  const tokens = jwksUrl !== undefined &&
    issuer !== undefined &&
    audience !== undefined && { tokens: { jwksUrl, issuer, audience, algorithms: settings.jwtAlgorithms } };
  return keys || tokens ? { ...keys, ...tokens } : undefined;
}

function quotaRulesOf({ quotaElements: elements, quotaWindowSeconds: windowSeconds, redisUrl }: Settings): QuotaRules | undefined {
  return elements === undefined ? undefined : { elements, windowSeconds, redisUrl };
}
