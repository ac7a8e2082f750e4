import { type Body, binaryBody } from '../bodies.ts';
import { compileLargePath, timedPost } from '../post.ts';
import { medians } from '../rounds.ts';
import { atMost, type Row, ratioRows } from '../row.ts';
import { withServers } from '../servers.ts';
import { normals } from '../tensors.ts';

const shape = [100, 32_000];
const elements = shape[0] * shape[1];

const dtypes = {
  F32: { size: 4, write: (data: Buffer, at: number, value: number) => data.writeFloatLE(value, at) },
  // the upper half of a float32
  BF16: { size: 2, write: (data: Buffer, at: number, value: number) => data.writeUInt16LE(upperHalf(value), at) },
  F16: { size: 2, write: (data: Buffer, at: number, value: number) => data.writeUInt16LE(halfOf(value), at) },
} as const;

const queries = { without: '', 'with `statistics`': '?statistics=true' } as const;

/** Logits of two models that are nearly equal, as large requests in three dtypes, with statistics and without. */
export function statistics(say: (line: string) => void): Promise<Row[]> {
  return withServers(['ours'], {}, async ({ servers: [ours] }) => {
    const rows: Row[] = [];
    // shorter bodies take the same path
    for (const query of Object.values(queries)) await compileLargePath(ours, binaryBody(200_000), query);
    for (const dtype of Object.keys(dtypes) as (keyof typeof dtypes)[]) {
      const body = logitsBody(dtype);
      const competitors = Object.entries(queries).map(([name, query]) => ({ ...ours, name, query }));
      const times = await medians({
        competitors,
        warmUps: 2,
        rounds: 21,
        measure: ({ query, ...server }) => timedPost(server, body, query),
        say,
      });
      const measured = { group: 'statistics', work: 'nearly equal logits, 2 × (100 × 32 000), as safetensors', variant: dtype, unit: 'ms' };
      rows.push(...ratioRows({ ...measured, medians: times }, [{ over: 'with `statistics`', under: 'without', required: atMost(1.1) }]));
    }
    return rows;
  });
}

function logitsBody(dtype: keyof typeof dtypes): Body {
  const { size, write } = dtypes[dtype];
  const logits = normals(13, elements);
  const changes = normals(14, elements);
  const data = Buffer.alloc(2 * size * elements);
  for (let k = 0; k < elements; k++) {
    write(data, size * k, 3 * logits[k] + 0.05 * changes[k]);
    write(data, size * (elements + k), 3 * logits[k]);
  }
  const entry = (from: number) => ({ dtype, shape, data_offsets: [from, from + size * elements] });
  const header = JSON.stringify({ input: entry(0), target: entry(size * elements) });
  const padded = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return { type: 'application/vnd.safetensors', bytes: Buffer.concat([length, padded, data]) };
}

const single = new DataView(new ArrayBuffer(4));

function upperHalf(value: number): number {
  single.setFloat32(0, value);
  return single.getUint16(0);
}

/** The bits of a float16 near a number that is normal there; the rest of its digits is cut off. */
function halfOf(value: number): number {
  single.setFloat32(0, value);
  const bits = single.getUint32(0);
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15;
  const sign = (bits >>> 16) & 0x8000;
  return exponent <= 0 ? sign : sign | (exponent << 10) | ((bits >>> 13) & 0x3ff);
}
