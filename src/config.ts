import { z } from 'zod';
import { type MisspeltSetting, misspeltSettings } from './misspelt-settings.ts';
import { isLoopback, settingsFor } from './settings.ts';
import { defaultLimits, type SourceSettings } from './sources/source-settings.ts';
import { type Machine, machineHere } from './system-resources.ts';

type Settings = ReturnType<typeof settingsFor>;

type Name = keyof Settings;

export type Config = { readonly [Key in Name]: z.output<Settings[Key]> };

/** What settings may not be together, and what there is to do about it. */
const contradictions: readonly { readonly when: (config: Config) => boolean; readonly say: string }[] = [
  {
    when: ({ apiKeysFile, apiKeysSecret }) => (apiKeysFile === undefined) !== (apiKeysSecret === undefined),
    say: 'API_KEYS_FILE and API_KEYS_SECRET must be set together',
  },
  {
    when: ({ jwtJwksUrl, jwtIssuer, jwtAudience }) =>
      new Set([jwtJwksUrl, jwtIssuer, jwtAudience].map((one) => one === undefined)).size > 1,
    say: 'JWT_JWKS_URL, JWT_ISSUER and JWT_AUDIENCE must be set together',
  },
  { when: (config) => config.auth === 'none' && asksWho(config), say: 'AUTH must not be none where API keys or JWT are configured' },
  {
    when: (config) => !isLoopback(config.host) && config.auth === undefined && !asksWho(config),
    say: 'HOST is reachable from other machines: set API_KEYS_FILE and API_KEYS_SECRET, or JWT_JWKS_URL, JWT_ISSUER and JWT_AUDIENCE, or AUTH=none if everyone may call',
  },
  {
    when: ({ s3Endpoint, awsAccessKeyId, awsSecretAccessKey }) =>
      s3Endpoint !== undefined && (awsAccessKeyId === undefined || awsSecretAccessKey === undefined),
    say: 'S3_ENDPOINT needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  },
  {
    when: ({ jobSources = [], jobOutputs = [], s3Endpoint }) =>
      s3Endpoint === undefined && [...jobSources, ...jobOutputs].some((prefix) => URL.parse(prefix)?.protocol === 's3:'),
    say: 'JOB_SOURCES and JOB_OUTPUTS with s3: need S3_ENDPOINT',
  },
  {
    when: ({ jobOutputs = [] }) => jobOutputs.some((prefix) => /^https?:/i.test(prefix)),
    say: 'JOB_OUTPUTS must be prefixes of file: or s3:, since nothing is written by HTTP',
  },
  {
    when: ({ jobs, jobSources, jobsRedisUrl }) => jobs === 'redis' && jobSources !== undefined && jobsRedisUrl === undefined,
    say: 'JOBS=redis needs JOBS_REDIS_URL',
  },
];

type Environment = Readonly<Record<string, string | undefined>>;

/** A setting as the documentation lists it. */
type SettingRow = { readonly variable: string; readonly fallback: string; readonly allowed: string; readonly effect: string };

/** Returns all settings in order, with their defaults in words where they depend on the machine. */
export function settingRows(machine: Machine): readonly SettingRow[] {
  return Object.entries(settingsFor(machine)).map(([name, setting]) => {
    const { description, effect, defaultInWords } = setting.meta() as { [key in 'description' | 'effect' | 'defaultInWords']?: string };
    if (description === undefined || effect === undefined) throw new Error(`${variableOf(name)} lacks its description or effect`);
    const fallback = defaultInWords ?? String(setting.parse(undefined) ?? '');
    return { variable: variableOf(name), fallback, allowed: description, effect };
  });
}

/** @throws Error whose message names every variable that is wrong, in one line */
export function readConfig(env: Environment = process.env, machine = machineHere()): Config {
  const settings = settingsFor(machine);
  const config = read(settings, Object.keys(settings) as Name[], env) as Config;
  const wrong = contradictions.filter(({ when }) => when(config));
  if (wrong.length > 0) throw new Error(wrong.map(({ say }) => say).join('; '));
  return config;
}

/** What the program that makes keys needs to know. @throws Error as `readConfig` */
export function readKeySettings(env: Environment = process.env): Pick<Config, 'apiKeysFile' | 'apiKeysSecret'> {
  return read(settingsFor(machineHere()), ['apiKeysFile', 'apiKeysSecret'], env);
}

/** Returns the variables that are no settings, but nearly have the name of one. */
export function misspeltVariables(env: Environment = process.env): readonly MisspeltSetting[] {
  return misspeltSettings(env, Object.keys(settingsFor(machineHere())).map(variableOf));
}

function read<Some extends Name>(settings: Settings, names: readonly Some[], env: Environment): Pick<Config, Some> {
  const rows = Object.fromEntries(names.map((name) => [name, settings[name]]));
  const parsed = z.object(rows).safeParse(Object.fromEntries(names.map((name) => [name, env[variableOf(name)]])));
  if (parsed.success) return parsed.data as Pick<Config, Some>;
  const wrong = new Set(parsed.error.issues.map(({ path }) => path[0] as Some));
  throw new Error([...wrong].map((name) => complaint(settings[name], variableOf(name), env)).join('; '));
}

function complaint(setting: Settings[Name], variable: string, env: Environment): string {
  const must = `${variable} must be ${setting.description}`;
  return setting.meta()?.secret === true ? must : `${must}, not ${JSON.stringify(env[variable])}`;
}

/** What jobs may read and write. */
export function sourceSettings(config: Config): SourceSettings {
  const { jobSources = [], jobOutputs = [], jobPrivateNetworks = [], s3Endpoint, s3Region, awsAccessKeyId, awsSecretAccessKey } = config;
  const hasStore = s3Endpoint !== undefined && awsAccessKeyId !== undefined && awsSecretAccessKey !== undefined;
  return {
    prefixes: jobSources,
    outputs: jobOutputs,
    privateNetworks: jobPrivateNetworks,
    s3: hasStore
      ? {
          endpoint: s3Endpoint,
          region: s3Region,
          accessKeyId: awsAccessKeyId,
          secretAccessKey: awsSecretAccessKey,
          sessionToken: config.awsSessionToken,
        }
      : undefined,
    limits: defaultLimits,
  };
}

/** Whether the environment asks for traces, in the words of OpenTelemetry. */
export function wantsTraces({ otelExporterOtlpEndpoint, otelTracesExporter, otelSdkDisabled }: Config): boolean {
  if (otelSdkDisabled.toLowerCase() === 'true' || otelTracesExporter === 'none') return false;
  return otelExporterOtlpEndpoint !== '' || otelTracesExporter !== '';
}

/** `bodyLimitBytes` is set by `BODY_LIMIT_BYTES`. */
function variableOf(name: string): string {
  return name.replace(/[A-Z]/g, '_$&').toUpperCase();
}

function asksWho({ apiKeysFile, jwtJwksUrl }: Config): boolean {
  return apiKeysFile !== undefined || jwtJwksUrl !== undefined;
}
