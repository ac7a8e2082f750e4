import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes target.safetensors and input.safetensors: float16 `logits` of two nearly equal models (KL 0.005), normal ones with a deviation of
 * 3, and steps between them with one of 0.1.
 */
export function writeLogits(folder: string, tokens: number, vocabulary: number): void {
  const bytes = tokens * vocabulary * 2;
  const header = Buffer.from(JSON.stringify({ logits: { dtype: 'F16', shape: [tokens, vocabulary], data_offsets: [0, bytes] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const files = ['target', 'input'].map((name) => openSync(join(folder, `${name}.safetensors`), 'w'));
  for (const file of files) writeSync(file, Buffer.concat([length, header]));
  const normals = normalNumbers(2 ** 20);
  const rows = files.map(() => new Float16Array(vocabulary));
  for (let token = 0; token < tokens; token++) {
    const [x, step] = [token * 7919, token * 104_729 + 500_000];
    for (let k = 0; k < vocabulary; k++) {
      rows[0][k] = 3 * normals[(x + k) & 0xfffff];
      rows[1][k] = rows[0][k] + 0.1 * normals[(step + k) & 0xfffff];
    }
    for (const [place, file] of files.entries()) writeSync(file, new Uint8Array(rows[place].buffer));
  }
  for (const file of files) closeSync(file);
}

function normalNumbers(count: number): Float64Array {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Float64Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}
