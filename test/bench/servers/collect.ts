import { createServer, type IncomingMessage } from 'node:http';

/** Answers every POST with the JSON text that `answerTo` makes of the request. */
export function serve(answerTo: (request: IncomingMessage) => Promise<string>): void {
  const server = createServer((request, response) => {
    const send = (answer: string) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
      response.end(answer);
    };
    // a client that ends while it sends has no use for an answer
    answerTo(request).then(send, () => response.destroy());
  });
  // as long as Fastify's, since the others are measured in between
  server.keepAliveTimeout = 72_000;
  server.listen(Number(process.env.PORT), '127.0.0.1');
}

/** The body of a request as parsed JSON. */
export async function parsed(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  await eachChunk(request, (chunk) => chunks.push(chunk));
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** Passes on every piece of a body as it arrives. */
export function eachChunk(request: IncomingMessage, use: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    request.on('data', use);
    request.on('end', resolve);
    request.on('error', reject);
  });
}
