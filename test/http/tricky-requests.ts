const path = '/v1/kl-divergence';
const json = '{"input": [1, 2], "target": [2, 1], "reduction": "sum"}';
const size = json.length.toString(16);

/** Bytes of one request, and the status of its answer. */
export type Tricky = { readonly bytes: string; readonly status: number };

const get = (headers: string, target = '/livez') => `GET ${target} HTTP/1.1\r\n${headers}\r\n\r\n`;
const post = (headers: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;
const counted = (length: string) => post(`Content-Length: ${length}`, json);
const chunked = (body: string, header = 'Transfer-Encoding: chunked') => post(header, body);
const chunks = `${size}\r\n${json}\r\n0\r\n\r\n`;

/**
 * Requests that two servers may read in two ways. Behind each of them comes another request: where a request is refused for its framing,
 * it gets no answer, since the connection is closed.
 */
export const trickyRequests: Readonly<Record<string, Tricky>> = {
  'a Content-Length': { bytes: counted(`${json.length}`), status: 200 },
  chunks: { bytes: chunked(chunks), status: 200 },
  'Transfer-Encoding in another case': { bytes: chunked(chunks, 'Transfer-Encoding: Chunked'), status: 200 },
  'chunk extensions': { bytes: chunked(`${size};a=b\r\n${json}\r\n0;c\r\n\r\n`), status: 200 },
  'zeros before the size of a chunk': { bytes: chunked(`000${size}\r\n${json}\r\n000\r\n\r\n`), status: 200 },
  'a GET whose body looks like a request': {
    bytes: `${get('Host: a\r\nContent-Length: 43')}GET /problems/x HTTP/1.1\r\nHost: smuggled\r\n\r\n`,
    status: 200,
  },
  'a target with the host that Host names': { bytes: get('Host: a', 'http://a/livez'), status: 200 },
  'two Content-Lengths that agree': { bytes: counted(`${json.length}\r\nContent-Length: ${json.length}`), status: 400 },
  'a list of Content-Lengths': { bytes: counted(`${json.length}, ${json.length}`), status: 400 },
  'Content-Length before Transfer-Encoding': {
    bytes: chunked(chunks, `Content-Length: ${json.length}\r\nTransfer-Encoding: chunked`),
    status: 400,
  },
  'Content-Length after Transfer-Encoding': { bytes: chunked(chunks, 'Transfer-Encoding: chunked\r\nContent-Length: 5'), status: 400 },
  'a negative Content-Length': { bytes: counted('-1'), status: 400 },
  'a Content-Length with a plus sign': { bytes: counted(`+${json.length}`), status: 400 },
  'a hexadecimal Content-Length': { bytes: counted(`0x${size}`), status: 400 },
  'an empty Content-Length': { bytes: counted(''), status: 400 },
  'a Content-Length beyond 64 bits': { bytes: counted('9'.repeat(30)), status: 400 },
  'Transfer-Encoding: xchunked': { bytes: chunked(chunks, 'Transfer-Encoding: xchunked'), status: 400 },
  'Transfer-Encoding: chunked, identity': {
    bytes: chunked(chunks, 'Transfer-Encoding: chunked, identity'),
    status: 400,
  },
  'Transfer-Encoding: gzip, chunked': { bytes: chunked(chunks, 'Transfer-Encoding: gzip, chunked'), status: 400 },
  'Transfer-Encoding: identity': { bytes: chunked(json, 'Transfer-Encoding: identity'), status: 400 },
  'two Transfer-Encodings': { bytes: chunked(chunks, 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'), status: 400 },
  'Transfer-Encoding after a vertical tab': { bytes: chunked(chunks, 'Transfer-Encoding: \x0bchunked'), status: 400 },
  'Transfer-Encoding in HTTP/1.0': {
    bytes: chunked(chunks).replace('HTTP/1.1', 'HTTP/1.0'),
    status: 400,
  },
  'Transfer-Encoding on a line of its own': { bytes: chunked(chunks, 'Transfer-Encoding:\r\n chunked'), status: 400 },
  'a folded header': { bytes: get('Host: a\r\nX-A: a\r\n b'), status: 400 },
  'a space before a colon': { bytes: get('Host: a\r\nX-A : a'), status: 400 },
  'line feeds for line ends': { bytes: get('Host: a').replaceAll('\r\n', '\n'), status: 400 },
  'line feeds in chunks': { bytes: chunked(chunks.replaceAll('\r\n', '\n')), status: 400 },
  'a chunk that is longer than it says': { bytes: chunked(`${size}\r\n${json}XX0\r\n\r\n`), status: 400 },
  'a chunk beyond 64 bits': { bytes: chunked(`${'F'.repeat(17)}\r\n${json}\r\n0\r\n\r\n`), status: 400 },
  'a chunk of a negative size': { bytes: chunked(`-1\r\n${json}\r\n0\r\n\r\n`), status: 400 },
  'a chunk whose size begins with 0x': { bytes: chunked(`0x${size}\r\n${json}\r\n0\r\n\r\n`), status: 400 },
  'a chunk extension of 20 000 characters': { bytes: chunked(`${size};${'a'.repeat(20_000)}\r\n${json}\r\n0\r\n\r\n`), status: 400 },
  'a Content-Length behind the chunks': { bytes: chunked(`${size}\r\n${json}\r\n0\r\nContent-Length: 9\r\n\r\n`), status: 400 },
  'no Host': { bytes: get('X-A: a'), status: 400 },
  'two Hosts': { bytes: get('Host: a\r\nHost: b'), status: 400 },
  'a Host that is none': { bytes: get('Host: a b'), status: 400 },
  'a Host with a user': { bytes: get('Host: u@a'), status: 400 },
  'a thousand headers before a second Host': { bytes: get(`Host: a\r\n${'a:\r\n'.repeat(1500)}Host: b`), status: 400 },
  'two Content-Types': { bytes: post(`Content-Type: text/plain\r\nContent-Length: ${json.length}`, json), status: 400 },
  'two Content-Encodings': {
    bytes: post(`Content-Encoding: identity\r\nContent-Encoding: identity\r\nContent-Length: ${json.length}`, json),
    status: 400,
  },
  'two Authorizations': { bytes: get('Host: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b'), status: 400 },
  'a target with another host': { bytes: get('Host: a', 'http://b/livez'), status: 400 },
  'an asterisk for a target': { bytes: get('Host: a', '*'), status: 400 },
  'an asterisk for a target, in HTTP/1.0 without Host': { bytes: 'GET * HTTP/1.0\r\n\r\n', status: 400 },
  'a target of another scheme, in HTTP/1.0 without Host': { bytes: 'GET ftp://other/x HTTP/1.0\r\n\r\n', status: 400 },
  'a target without a slash': { bytes: get('Host: a', 'livez'), status: 400 },
  'a space in the target': { bytes: get('Host: a', '/livez x'), status: 400 },
  TRACE: { bytes: get('Host: a').replace('GET', 'TRACE'), status: 405 },
  CONNECT: { bytes: 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n', status: 400 },
  'a method that does not exist': { bytes: get('Host: a').replace('GET', 'FOO'), status: 400 },
  'a method in small letters': { bytes: get('Host: a').replace('GET', 'get'), status: 400 },
  'an upgrade to WebSocket': { bytes: get('Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket'), status: 200 },
  'an upgrade to HTTP/2 with a body': {
    bytes: post(
      `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: ${json.length}`,
      json,
    ),
    status: 200,
  },
  'HTTP/0.9': { bytes: 'GET /livez\r\n', status: 400 },
  'HTTP/1.2': { bytes: get('Host: a').replace('1.1', '1.2'), status: 400 },
  'the preface of HTTP/2': { bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', status: 400 },
  'a NUL in a header': { bytes: get('Host: a\r\nX-A: a\0b'), status: 400 },
  'a carriage return in a header': { bytes: get('Host: a\r\nX-A: a\rb'), status: 400 },
  'a line feed in a header': { bytes: get('Host: a\r\nX-A: a\nX-B: b'), status: 400 },
  'a NUL in the name of a header': { bytes: get('Host: a\r\nX\0A: a'), status: 400 },
  'a NUL in the path': { bytes: get('Host: a', '/li\0vez'), status: 400 },
  'an encoded NUL in the path': { bytes: get('Host: a', '/livez%00'), status: 404 },
  'a percent sign that encodes nothing': { bytes: get('Host: a', '/%zz'), status: 400 },
  'an encoded byte that is no UTF-8': { bytes: get('Host: a', '/%ff'), status: 400 },
  'an unknown expectation': { bytes: post(`Expect: wonders\r\nContent-Length: ${json.length}`, json), status: 417 },
};

/** A request in order, to be told by its answer. */
export const marker = 'GET /livez HTTP/1.1\r\nHost: a\r\nX-Request-Id: marker\r\nConnection: close\r\n\r\n';
