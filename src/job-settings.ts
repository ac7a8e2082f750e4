import { z } from 'zod';
import { integer, isNetwork, isOrigin, isRedisUrl, list } from './setting-kinds.ts';
import { isSourcePrefix } from './sources/allowed.ts';

const prefixes = () =>
  list(isSourcePrefix)
    .optional()
    .meta({ description: 'prefixes such as s3://logits/, https://data.example/runs or file:///data/{client}, without query' });

/** The settings of jobs: where they are queued and computed, what they may read and write, and with which credentials. */
export const jobSettingRows = (cores: number) => ({
  jobSources: prefixes().meta({
    effect:
      'Lists what jobs may read, by whole segments of the path; `{client}` stands for the client, `key:NAME` or `token:SUBJECT`. Without it there are no jobs.',
  }),
  jobOutputs: prefixes().meta({
    effect: 'Lists below which `file:` and `s3:` prefixes jobs may write results; what is there is overwritten.',
  }),
  jobs: z.enum(['local', 'redis', 'off']).default('local').meta({
    description: 'local, redis or off',
    effect:
      'Says where jobs are queued once `JOB_SOURCES` is set: in a file of this machine, in the Redis of `JOBS_REDIS_URL` for all instances, or nowhere.',
  }),
  jobsDir: z
    .string()
    .min(1)
    .default('jobs')
    .meta({ description: 'the path of a folder', effect: 'Names the folder for the file of `JOBS=local`, on a disk of this machine.' }),
  jobsRedisUrl: z
    .string()
    .refine(isRedisUrl)
    .optional()
    .meta({ description: 'a redis or rediss URL', secret: true, effect: 'Names the Redis or Valkey of `JOBS=redis`.' }),
  jobWorkers: integer(0, 64, Math.min(64, cores)).meta({
    effect: 'Sets the number of threads that compute jobs, at the lowest priority; with 0 the instance takes jobs in and computes none.',
    defaultInWords: 'the cores; 64 at most',
  }),
  jobRetentionSeconds: integer(60, 31_536_000, 604_800).meta({
    effect: 'Sets the time in seconds for which a job that is over is kept; its `Idempotency-Key` is free afterwards.',
    defaultInWords: '604800 (7 days)',
  }),
  jobPrivateNetworks: list(isNetwork).optional().meta({
    description: 'addresses or networks such as 10.0.0.0/8',
    effect: 'Lists the networks that sources may be in although they are not public, the store of `S3_ENDPOINT` too.',
  }),
  s3Endpoint: z.string().refine(isOrigin).optional().meta({
    description: 'an origin such as https://s3.eu-central-1.amazonaws.com',
    effect: 'Names the store that `s3:` leads to, of Amazon or compatible.',
  }),
  s3Region: z
    .string()
    .min(1)
    .default('us-east-1')
    .meta({ description: 'the name of a region', effect: 'Sets the region that requests to the store are signed for.' }),
  awsAccessKeyId: z.string().min(1).optional().meta({
    description: 'the id of an access key',
    secret: true,
    effect: 'Names the access key by which the service reads and writes `s3:`.',
  }),
  awsSecretAccessKey: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'the secret of the access key', secret: true, effect: 'Sets the secret of that access key.' }),
  awsSessionToken: z.string().min(1).optional().meta({
    description: 'the token of a session',
    secret: true,
    effect: 'Sets the session token of a temporary access key; a new one needs a restart.',
  }),
});
