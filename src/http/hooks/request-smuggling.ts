import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type RequestError, refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';

/**
 * Rejects requests that a proxy in front of the service might read in another way than Node does, and closes their connections. Otherwise
 * a client could get a request past the checks of that proxy. Node's parser has already rejected invalid HTTP.
 */
export function registerSmugglingGuard(app: FastifyInstance): void {
  // by default Node silently drops headers beyond the thousandth; their total size is limited anyway
  app.server.maxHeadersCount = 0;
  app.addHook('onRequest', (request, reply, done) => {
    // Node would drop the bytes after such a request
    if (request.headers.upgrade !== undefined) reply.header('connection', 'close');
    const refused = findAmbiguity(request);
    if (refused === undefined) return done();
    reply.header('connection', 'close');
    done(refused);
  });
}

/** Headers that may come once. Node keeps the first of several or joins them; a proxy may keep the last. */
const single = new Set(['host', 'content-type', 'content-encoding', 'authorization', 'x-api-key', 'expect']);
/** Length of the longest name in `single`. */
const maxNameLength = 16;

const versions = new Set(['1.1', '1.0']);

// RFC 9110, section 4.2: a name or an address, and a port
const host = /^[\w.~!$&'()*+,;=%:[\]-]*$/;

/** Returns an error for the first part of a request that could be read in two ways. */
export function findAmbiguity(request: FastifyRequest): RequestError | undefined {
  const { headers, raw, originalUrl: target } = request;
  // Node reads a request without a version, too, and HTTP/2.0 as HTTP/1.0
  if (!versions.has(raw.httpVersion)) return refuse('BAD_REQUEST', '#', `expected HTTP/1.1 or HTTP/1.0, got HTTP/${raw.httpVersion}`);
  const doubled = doubledHeader(raw.rawHeaders);
  if (doubled !== undefined) return refuse('BAD_REQUEST', '#', `the header ${doubled} comes twice`);
  const isHttp11 = raw.httpVersion === '1.1';
  if (headers.host === undefined ? isHttp11 : !host.test(headers.host)) {
    return refuse('BAD_REQUEST', '#', `expected a header Host with a name or an address, got ${quote(headers.host ?? '')}`);
  }
  if (target.charCodeAt(0) !== 0x2f && !isAbsolute(target, headers.host)) {
    return refuse('BAD_REQUEST', '#', `expected a path, or a URL of the host that the header Host names, got ${quote(target)}`);
  }
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (!isHttp11 || coding.toLowerCase() !== 'chunked')) {
    return refuse('BAD_REQUEST', '#', `Transfer-Encoding is ${quote(coding)}; expected chunked, in HTTP/1.1`);
  }
  // RFC 9110, section 10.1.1: HTTP/1.0 has no expectations
  if (headers.expect !== undefined && isHttp11 && headers.expect.toLowerCase() !== '100-continue') {
    return refuse('EXPECTATION_FAILED', '#', `Expect is ${quote(headers.expect)}; expected 100-continue`);
  }
  return undefined;
}

/** Returns the name of the first header that may come once and comes twice. In `rawHeaders` names and values alternate. */
function doubledHeader(rawHeaders: readonly string[]): string | undefined {
  let seen: string[] | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at].length > maxNameLength) continue;
    const name = rawHeaders[at].toLowerCase();
    if (!single.has(name)) continue;
    if (seen?.includes(name)) return rawHeaders[at];
    seen ??= [];
    seen.push(name);
  }
  return undefined;
}

/** Whether a target is a URL of the host that the header Host names. */
function isAbsolute(target: string, host: string | undefined): boolean {
  return host !== undefined && /^https?:\/\/([^/?#]*)/i.exec(target)?.[1].toLowerCase() === host.toLowerCase();
}
