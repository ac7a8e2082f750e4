import type { FastifyInstance } from 'fastify';

/**
 * `Expect: 100-continue` is answered when the body begins to be read, so that who is refused for the headers never sends it. Any other
 * expectation goes the way of all requests too, and is refused there.
 */
export function registerExpect(app: FastifyInstance): void {
  const { server } = app;
  server.on('checkContinue', (request, response) => {
    request.once('resume', () => {
      // after the answer, Node reads what is left only to throw it away
      if (!response.headersSent) response.writeContinue();
    });
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}
