import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../../telemetry/metrics.ts';

/** Registers the metrics for Prometheus. The OpenAPI document leaves them out: they are not for clients of the API. */
export function registerMetrics(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onClose', async () => metrics.close());
  app.route({
    method: 'GET',
    url: '/metrics',
    schema: { hide: true },
    config: { public: true, quiet: true },
    handler: async (_request, reply) => reply.type(metrics.type).send(await metrics.text()),
  });
}
