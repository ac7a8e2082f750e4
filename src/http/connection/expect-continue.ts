import type { FastifyInstance } from 'fastify';

/**
 * Answers `Expect: 100-continue` when the service begins to read the body: a client that is rejected for its headers never sends the body.
 * A request with any other expectation passes the usual hooks, which reject it.
 */
export function registerExpect(app: FastifyInstance): void {
  const { server } = app;
  server.on('checkContinue', (request, response) => {
    request.once('resume', () => {
      // after the answer, Node reads the rest only to discard it
      if (!response.headersSent) response.writeContinue();
    });
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}
