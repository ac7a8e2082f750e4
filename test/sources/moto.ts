import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Settings } from '../../src/sources/source-settings.ts';

const pythonOf = '"$(dirname "$(command -v moto_server)")/python3"';
const version = spawnSync('sh', ['-c', `${pythonOf} -c 'import importlib.metadata as m; print(m.version("moto"))'`], { encoding: 'utf8' });
const installed = version.stdout.trim();

/** Why tests with an S3 store are skipped, if they are. Older versions compute another signature of a key that has a colon in it. */
export const skip =
  version.status === 0 && installed.localeCompare('5.2.5', 'en', { numeric: true }) >= 0
    ? false
    : `moto_server ${installed === '' ? 'is not' : `${installed} is`} here: pip install "moto[server]>=5.2.5"`;

/** A store that checks signatures, with one user who may do everything, and an empty bucket `logits`. */
export async function startMoto(t: TestContext): Promise<S3Settings> {
  // as many requests as set it up are not checked
  const env = { ...process.env, INITIAL_NO_AUTH_ACTION_COUNT: '4', PYTHONUNBUFFERED: '1' };
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', '0'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const address = () => /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
  while (address() === undefined) {
    assert.equal(child.exitCode, null, said);
    await sleep(20);
  }
  const endpoint = address() as string;
  const iam = async (parameters: Record<string, string>) => {
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=x' };
    const body = new URLSearchParams({ ...parameters, UserName: 'service', Version: '2010-05-08' });
    return (await fetch(endpoint, { method: 'POST', headers, body })).text();
  };
  await iam({ Action: 'CreateUser' });
  const key = await iam({ Action: 'CreateAccessKey' });
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
  await iam({ Action: 'PutUserPolicy', PolicyName: 'everything', PolicyDocument: JSON.stringify(everything) });
  await fetch(`${endpoint}/logits`, { method: 'PUT' });
  const textOf = (name: string) => new RegExp(`<${name}>(.*)</${name}>`).exec(key)?.[1] ?? assert.fail(key);
  return { endpoint, region: 'us-east-1', accessKeyId: textOf('AccessKeyId'), secretAccessKey: textOf('SecretAccessKey') };
}
