/** A prefix under which a client may use a source: its last segment is a folder or the source itself. */
export type AllowedSource = { readonly url: URL; readonly root: URL };

const schemes = ['file:', 'http:', 'https:', 's3:'];

/** Stands for the client in a prefix, as a segment of its own. */
const placeholder = '{client}';

// what stands in a path as it is, whatever parses it; no name of a client that has a slash in it is two segments
const plainName = /^[\w@|+=:-][\w.@|+=:-]*$/;

// servers differ in how often they decode, and in what they take for a separator
const ambiguous = /[\\\s\p{Cc}]|%(25)*(2e|2f|5c|00)/iu;

/**
 * Whether a text is a prefix that sources can be allowed by: a URL without user, query, fragment and dots, `{client}` a segment of its own.
 */
export function isSourcePrefix(text: string): boolean {
  // not as the host
  const forSomebody = text.replaceAll(/(?<!:\/)\/\{client\}(?=\/|$)/g, '/client');
  const url = parseSource(forSomebody);
  return url !== undefined && !/[{}]/.test(forSomebody) && (url.protocol === 'file:') === (url.host === '');
}

/**
 * Returns a function that finds the prefix by which a client may use a URI, or undefined. Compared are parsed URLs: scheme, host, port, and
 * whole segments of the path. Nothing is looked up, so that the answer says nothing about what exists.
 * @param prefixes each passes `isSourcePrefix`
 */
export function allowedBy(prefixes: readonly string[]): (uri: string, client: string) => AllowedSource | undefined {
  return (uri, client) => {
    const url = parseSource(uri);
    if (url === undefined) return undefined;
    const root = prefixes.map((prefix) => rootFor(prefix, client)).find((one) => one !== undefined && isBelow(url, one));
    return root && { url, root };
  };
}

function rootFor(prefix: string, client: string): URL | undefined {
  if (!prefix.includes(placeholder)) return parseSource(prefix);
  return plainName.test(client) ? parseSource(prefix.replaceAll(placeholder, client)) : undefined;
}

/** A URL that all programs read alike, and that holds no secret. */
function parseSource(text: string): URL | undefined {
  if (ambiguous.test(text)) return undefined;
  const [, ...segments] = text.split(/[/?#]/);
  // URL would resolve them, and the client would have meant another path than the one that is compared
  if (segments.some((segment) => /^\.\.?(;|$)/.test(segment))) return undefined;
  const url = URL.parse(text);
  if (url === null || !schemes.includes(url.protocol) || !/^(file:\/\/|[a-z\d]+:\/\/[^/])/i.test(text)) return undefined;
  return url.username + url.password === '' && !/[?#]/.test(text) && isUtf8(url.pathname) ? url : undefined;
}

function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function isBelow(url: URL, root: URL): boolean {
  if (url.protocol !== root.protocol || url.host !== root.host) return false;
  const wanted = segmentsOf(root);
  const given = segmentsOf(url);
  return given.length >= wanted.length && wanted.every((segment, place) => segment === given[place]);
}

function segmentsOf({ pathname }: URL): string[] {
  return pathname
    .replace(/^\//, '')
    .replace(/\/$/, '')
    .split('/')
    .filter((segment, _, all) => all.length > 1 || segment !== '');
}
