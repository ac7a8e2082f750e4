import Fastify from 'fastify';
import { z } from 'zod';
import { klSum } from './textbook.ts';

const matrix = z.array(z.array(z.number()));
const klBody = z.object({ input: matrix, target: matrix });

const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'info' }, bodyLimit: 64 * 2 ** 20 });

// what one writes in an afternoon: a schema, and loops over the rows
app.post('/v1/kl-divergence', (request, reply) => {
  const { success, data, error } = klBody.safeParse(request.body);
  if (!success) return reply.code(422).send(error.issues);
  const sum = klSum(data.input, data.target);
  return reply.send({ sum, mean: sum / (data.input.length * data.input[0].length), batchmean: sum / data.input.length });
});

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
