import type { Network } from './exchange.ts';
import { openRanges } from './range-source.ts';
import type { Scheme } from './source.ts';

/** Files on a server of HTTP, over TLS or not, without credentials. Nothing is written. */
export const httpSources = (network: Network): Scheme => ({
  open: (url, _root, options) =>
    openRanges(network, { ...options, uri: url.href, ask: async (headers) => ({ method: 'GET', url, headers }) }),
});
