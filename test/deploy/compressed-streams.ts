import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { constants, createBrotliCompress, createZstdCompress } from 'node:zlib';
import type { ConfinedService } from './memory-cgroup.ts';

/** Compressors that have the other side keep as much as it may of what it decodes. */
const compressors = {
  br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 2, [constants.BROTLI_PARAM_LGWIN]: 24 } }),
  zstd: () => createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_windowLog]: 23 } }),
};

export type WideCoding = keyof typeof compressors;

const line = '{"input": [[1, 2]], "target": [[2, 1]]}\n';

/** A stream that is not over: so many bytes of blank lines, and a request whose answer tells that all of them have been decoded. */
export async function wideStream(coding: WideCoding, blanks: number): Promise<Buffer> {
  const compressor = compressors[coding]();
  const chunks: Buffer[] = [];
  compressor.on('data', (chunk: Buffer) => chunks.push(chunk));
  const random = Buffer.alloc(2 ** 16);
  let state = 1;
  for (let left = blanks; left > 0; left -= random.length) {
    for (let k = 0; k < random.length; k++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      random[k] = (state >>> 16) & 1 ? 0x20 : 0x09;
    }
    random[0] = 0x0a;
    if (!compressor.write(Buffer.from(random))) await once(compressor, 'drain');
  }
  compressor.write(`\n${line}`);
  await new Promise<void>((resolve) => compressor.flush(() => resolve()));
  return Buffer.concat(chunks);
}

/** Opens so many streams at once, and returns the status of each once it is refused, or all that was sent has been decoded. */
export async function openAtOnce({ url }: ConfinedService, coding: WideCoding, body: Buffer, count: number): Promise<number[]> {
  const sent: ClientRequest[] = [];
  const opened = Array.from({ length: count }, async () => {
    const headers = { 'content-type': 'application/x-ndjson', 'content-encoding': coding };
    const stream = request(`${url}/v1/kl-divergence/batch`, { method: 'POST', agent: false, headers });
    sent.push(stream);
    const answered = once(stream, 'response');
    // a refusal may come before the body has been read
    stream.on('error', () => {});
    stream.write(body);
    const [answer] = (await answered) as [IncomingMessage];
    if (answer.statusCode === 200) await once(answer, 'data');
    return answer.statusCode ?? 0;
  });
  try {
    return await Promise.all(opened);
  } finally {
    for (const stream of sent) stream.destroy();
  }
}
