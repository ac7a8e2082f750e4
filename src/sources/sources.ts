import { Agent } from 'undici';
import { type AllowedSource, allowedBy } from './allowed.ts';
import { files } from './file.ts';
import { addressFilter, guardedConnector, type Lookup } from './public-address.ts';
import { openRanges } from './range-source.ts';
import { s3Sources } from './s3.ts';
import type { Access, Pin, Scheme, Source } from './source.ts';
import { notAllowed, notWritable, SourceFault } from './source-fault.ts';
import type { SourceSettings } from './source-settings.ts';

/** What reads and writes stored bytes, within what the operator allows. */
export type Sources = {
  /**
   * Opens a source; with the pin of an earlier opening, only if it has not changed since.
   * @throws SourceFault SOURCE_NOT_ALLOWED, SOURCE_UNREACHABLE, SOURCE_CHANGED, SOURCE_NOT_READABLE
   */
  readonly open: (uri: string, options: Access & { readonly pin?: Pin }) => Promise<Source>;
  /** @throws SourceFault SOURCE_NOT_ALLOWED where the client may not write to a URI, or a file has no folder */
  readonly checkWritable: (uri: string, client: string) => Promise<void>;
  /** Writes an object or a file, whole or not at all. @throws SourceFault SOURCE_NOT_ALLOWED, SOURCE_UNREACHABLE */
  readonly write: (uri: string, bytes: Uint8Array, options: Access) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** @param lookup finds the addresses of names, by default as the system does */
export function createSources(settings: SourceSettings, lookup?: Lookup): Sources {
  const { limits } = settings;
  const connect = guardedConnector(addressFilter(settings.privateNetworks), { timeout: limits.headersMs, ...(lookup && { lookup }) });
  const dispatcher = new Agent({ connect, maxHeaderSize: 2 ** 14, bodyTimeout: limits.answerMs });
  const network = { dispatcher, limits };
  // without credentials
  const http: Scheme = {
    open: (url, _root, options) =>
      openRanges(network, { ...options, uri: url.href, ask: async (headers) => ({ method: 'GET', url, headers }) }),
  };
  const readable = allowedBy(settings.prefixes);
  const writable = allowedBy(settings.outputs);
  const schemes: Readonly<Record<string, Scheme>> = {
    'file:': files,
    'http:': http,
    'https:': http,
    's3:': s3Sources(network, settings.s3),
  };
  const schemeOf = (allowed: AllowedSource | undefined) => {
    if (allowed === undefined) throw notAllowed();
    return { scheme: schemes[allowed.url.protocol], ...allowed };
  };
  const target = (uri: string, client: string) => {
    const allowed = writable(uri, client);
    if (allowed === undefined) throw notWritable('it is below no place that the operator allows this client to write to');
    const { write, checkPlace } = schemes[allowed.url.protocol];
    if (write === undefined) throw notWritable(`nothing can be written by ${allowed.url.protocol}`);
    return { write, checkPlace, ...allowed };
  };
  return {
    async open(uri, { client, signal, pin }) {
      const { scheme, url, root } = schemeOf(readable(uri, client));
      return scheme.open(url, root, { signal, pin });
    },
    async write(uri, bytes, { client, signal }) {
      const { write, url, root } = target(uri, client);
      await asWriting(write(url, root, bytes, signal));
    },
    async checkWritable(uri, client) {
      const { checkPlace, url, root } = target(uri, client);
      await asWriting(checkPlace?.(url, root));
    },
    close: () => dispatcher.destroy(),
  };
}

/** What is said of a source that is not allowed has other words where it is to be written. */
async function asWriting(step: Promise<void> | undefined): Promise<void> {
  try {
    await step;
  } catch (error) {
    if (!(error instanceof SourceFault) || error.code !== 'SOURCE_NOT_ALLOWED') throw error;
    throw notWritable('its folder is not there, or this client may not write to it');
  }
}
