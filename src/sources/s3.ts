import { hash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { type Ask, exchange, type Network } from './exchange.ts';
import { openRanges } from './range-source.ts';
import type { Scheme } from './source.ts';
import { SourceFault } from './source-fault.ts';
import type { S3Settings } from './source-settings.ts';

/**
 * Objects of the one store that is configured: `s3://bucket/key`, addressed as `endpoint/bucket/key`. Requests are signed with the
 * credentials of the service (AWS Signature Version 4), and go through the same connector as those to other servers.
 */
export function s3Sources(network: Network, settings: S3Settings | undefined): Scheme {
  const configured = () => {
    if (settings === undefined) throw new SourceFault('SOURCE_UNREACHABLE', 'this service has no store configured for s3:');
    return settings;
  };
  return {
    async open(url, _root, options) {
      const store = configured();
      const object = objectUrl(url, store);
      return openRanges(network, { ...options, uri: url.href, ask: (headers) => signed({ method: 'GET', url: object, headers }, store) });
    },
    async write(url, _root, body, signal) {
      const store = configured();
      const object = objectUrl(url, store);
      const headers = { 'content-type': 'application/octet-stream' };
      const ask = () => signed({ method: 'PUT', url: object, headers, body }, store);
      await exchange(network, { ask, status: 200, isKnown: false, take: async ({ body: answer }) => answer.dump() }, signal);
    },
  };
}

/** Every character of a key in the one form that signatures are made of. */
function objectUrl({ host, pathname }: URL, { endpoint }: S3Settings): URL {
  return new URL(`/${[host, ...pathname.split('/').slice(1)].map(canonical).join('/')}`, endpoint);
}

function canonical(segment: string): string {
  const encoded = encodeURIComponent(decodeURIComponent(segment));
  return encoded.replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

async function signed(ask: Ask, { region, accessKeyId, secretAccessKey, sessionToken }: S3Settings): Promise<Ask> {
  const { method, url, headers, body } = ask;
  const signer = new AwsV4Signer({
    method,
    url: url.href,
    headers: { ...headers, 'x-amz-content-sha256': hash('sha256', body ?? '', 'hex') },
    service: 's3',
    region,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  const { headers: all } = await signer.sign();
  return { ...ask, headers: Object.fromEntries(all) };
}
