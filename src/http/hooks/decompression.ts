import type { FastifyInstance } from 'fastify';
import { refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';
import { decompress } from '../body/compression.ts';
import { contentCodingOf, contentCodings, isContentCoding } from '../headers/content-coding.ts';

/** Decompresses request bodies while they are read. */
export function registerDecompression(app: FastifyInstance): void {
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const coding = contentCodingOf(request.headers);
    if (coding === undefined) return done(null, payload);
    if (isContentCoding(coding)) return done(null, decompress(payload, coding));
    const known = contentCodings.join(', ');
    done(refuse('UNSUPPORTED_MEDIA_TYPE', '#', `the body is encoded with ${quote(coding)}; expected one of ${known}, or none`));
  });
}
