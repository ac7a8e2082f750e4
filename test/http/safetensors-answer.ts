import type supertest from 'supertest';

/** What a safetensors answer holds, read anew by its format. */
export function readSafetensorsAnswer(bytes: Buffer) {
  const length = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata, ...entries } = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  const tensors = Object.entries<{ dtype: string; shape: number[]; data_offsets: [number, number] }>(entries).map(([name, entry]) => {
    const [begin, end] = entry.data_offsets.map((offset) => 8 + length + offset);
    return [
      name,
      { dtype: entry.dtype, shape: entry.shape, data: [...new Float64Array(new Uint8Array(bytes.subarray(begin, end)).buffer)] },
    ];
  });
  return { metadata, tensors: Object.fromEntries(tensors) };
}

/** Has supertest take the bytes of an answer as they come. */
export function binary(response: supertest.Response, done: (error: Error | null, body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  const stream = response as unknown as NodeJS.ReadableStream;
  stream.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => done(null, Buffer.concat(chunks)));
}
