import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { buildConnector } from 'undici';
import { SourceFault } from './source-fault.ts';

/** Finds all addresses of a name, as `dns.lookup` does with `all`. */
export type Lookup = (
  name: string,
  options: { readonly all: true },
  found: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** What is given out for the public internet; beyond it ipaddr.js takes some for unicast that lead to IPv4, such as ::7f00:1. */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

// public by its number, and the host of every virtual machine of Azure
const azureHost = '168.63.129.16';

/** Returns the test of addresses that may be connected to: public unicast ones, and those in some networks. */
export function addressFilter(privateNetworks: readonly string[]): (address: string) => boolean {
  const networks = privateNetworks.map(networkOf);
  return (text) => {
    // an address with a zone is one of a local link
    if (isIP(text) === 0 || text.includes('%')) return false;
    const address = ipaddr.process(text);
    const isIn = ([base, bits]: [ipaddr.IPv4 | ipaddr.IPv6, number]) => address.kind() === base.kind() && address.match(base, bits);
    if (networks.some(isIn)) return true;
    return address.range() === 'unicast' && address.toString() !== azureHost && (address.kind() === 'ipv4' || isIn(globalUnicast));
  };
}

/** A network, or one address as a network. */
function networkOf(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/**
 * Returns a connector of undici that connects to allowed addresses only. It checks a literal itself, since Node looks only names up, and
 * all addresses that a name has at the moment when one of them is connected to: there is no second look-up that could answer otherwise.
 */
export function guardedConnector(
  isAllowed: (address: string) => boolean,
  { timeout, lookup = systemLookup }: { timeout: number; lookup?: Lookup },
): buildConnector.connector {
  const guarded: LookupFunction = (name, options, callback) => {
    lookup(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) callback(error, '');
      else if (addresses.length === 0 || !addresses.every(({ address }) => isAllowed(address))) callback(refused(), '');
      else if (options.all) callback(null, addresses);
      else callback(null, addresses[0].address, addresses[0].family);
    });
  };
  const connect = buildConnector({ timeout, allowH2: false, lookup: guarded });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !isAllowed(host)) callback(refused(), null);
    else connect(options, callback);
  };
}

function refused(): SourceFault {
  return new SourceFault('SOURCE_UNREACHABLE', 'the server has an address that is not public, and in no network of JOB_PRIVATE_NETWORKS');
}
