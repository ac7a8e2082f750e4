import { basename } from 'node:path';
import { safetensorsReader } from '../../../src/formats/safetensors/read-request.ts';
import type { JobPlan } from '../../../src/jobs/shards/job-plan.ts';
import { mergePartials } from '../../../src/jobs/shards/merge.ts';
import { bytesOfPartial } from '../../../src/jobs/shards/partial-bytes.ts';
import { newPieceMemory } from '../../../src/jobs/shards/pieces.ts';
import { planJob } from '../../../src/jobs/shards/plan.ts';
import { computeShard, type ShardTools } from '../../../src/jobs/shards/shard.ts';
import { loadKernel } from '../../../src/kernels/divergence-kernel.ts';
import { divergencesContract } from '../../../src/schema/divergences.ts';
import { klContract, parseOptions } from '../../../src/schema/parse-request.ts';
import type { RowReader } from '../../../src/sources/read-rows.ts';
import { rowBytes, type StoredTensor } from '../../../src/sources/stored-tensor.ts';
import { anyAnswer } from '../../../src/tasks/json-response.ts';
import { solve } from '../../../src/tasks/solve/solve.ts';
import type { Dtype } from '../../../src/tensor/dtypes.ts';

export type Options = Readonly<Record<string, unknown>>;

export type Held = { readonly dtype: Dtype; readonly shape: readonly number[]; readonly bytes: Uint8Array };

export type Pair = { readonly id?: string; readonly input: Held; readonly target: Held; readonly weights?: Held | undefined };

const found = loadKernel();

/** As a worker of the pool has it. */
export const kernel = found && { kernel: found, minElements: 32 };

export function held(shape: readonly number[], numbers: Float64Array | Float32Array | Float16Array): Held {
  const dtype = ({ Float64Array: 'float64', Float32Array: 'float32', Float16Array: 'float16' } as const)[numbers.constructor.name];
  if (dtype === undefined) throw new TypeError(numbers.constructor.name);
  return { dtype, shape, bytes: new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength) };
}

/** Tensors in memory, each under a URI. */
export function store() {
  const tensors = new Map<string, Held>();
  return {
    tensors,
    /** In as many parts as there are rows for. */
    put(tensor: Held, parts = 1): StoredTensor {
      const { dtype, shape } = tensor;
      const rows = Math.ceil(shape[0] / parts);
      const uri = `memory:${tensors.size}`;
      tensors.set(uri, tensor);
      const size = rowBytes(tensor);
      const starts = Array.from({ length: Math.ceil(shape[0] / rows) }, (_, part) => part * rows);
      const pin = { size: tensor.bytes.length, file: '1:1:1' };
      return { dtype, shape, parts: starts.map((row) => ({ uri, pin, offset: row * size, rows: Math.min(rows, shape[0] - row) })) };
    },
    readerOf: (tensor: StoredTensor): RowReader => ({
      read: async (from, to, into = new Uint8Array((to - from) * rowBytes(tensor))) => {
        const size = rowBytes(tensor);
        const bytes = into.subarray(0, (to - from) * size);
        let first = 0;
        for (const part of tensor.parts) {
          const [begin, end] = [Math.max(from, first), Math.min(to, first + part.rows)];
          const offset = 'offset' in part ? part.offset : 0;
          const all = tensors.get(part.uri)?.bytes ?? new Uint8Array(0);
          if (begin < end) bytes.set(all.subarray(offset + (begin - first) * size, offset + (end - first) * size), (begin - from) * size);
          first += part.rows;
        }
        return { dtype: tensor.dtype, bytes };
      },
      close: async () => {},
    }),
  };
}

export const contractOf = (options: Options) => (options.divergences === undefined ? klContract : divergencesContract);

/** Plans a job, whose shards read from memory. */
export function jobOf(
  pairs: readonly Pair[],
  options: Options,
  { shards = 1, output = undefined as string | undefined, isList = false, keepsRows = true } = {},
) {
  const { put, readerOf } = store();
  const items = pairs.map(({ id, input, target, weights }, index) => ({
    ...(id === undefined ? {} : { id }),
    pointer: isList ? `#/items/${index}` : '#',
    input: put(input, 3),
    target: put(target),
    ...(weights === undefined ? {} : { weights: put(weights) }),
  }));
  const bytes = Math.max(
    1,
    Math.floor(pairs.reduce((sum, { input, target }) => sum + input.bytes.length + target.bytes.length, 0) / shards),
  );
  const job = { client: 'anyone', options: parseOptions(options, contractOf(options)), isList, items, output };
  const planned = planJob(job, Number.POSITIVE_INFINITY, bytes).plan;
  const plan: JobPlan = { ...planned, items: planned.items.map((item) => ({ ...item, keepsRows: keepsRows && item.keepsRows })) };
  const written = new Map<string, Uint8Array>();
  const tools: ShardTools = {
    readerOf,
    memory: newPieceMemory(),
    write: async (uri, file) => void written.set(basename(uri), file),
    kernel,
    rounding: 'fused',
    check: () => {},
  };
  // shards of a thread follow one another, and share its memory
  const compute = async (shard: number) => bytesOfPartial(await computeShard(plan, shard, { ...tools, memory: newPieceMemory() }));
  return { plan, written, tools, compute };
}

export async function answerOfJob(pairs: readonly Pair[], options: Options, shape: Parameters<typeof jobOf>[2] = {}): Promise<object> {
  const { plan, compute } = jobOf(pairs, options, shape);
  return mergePartials(plan, await Promise.all(plan.ends.map((_, shard) => compute(shard))));
}

export function shardsOf({ ends }: JobPlan): number[] {
  return ends.map((_, shard) => shard);
}

const formatDtypes: Partial<Record<Dtype, string>> = { float64: 'F64', float32: 'F32', float16: 'F16', bfloat16: 'BF16', uint8: 'U8' };

/** The answer to the request of the same tensors, in the same bytes, where a worker or, if it is small, the event loop computes it. */
export function answerOfRequest({ input, target, weights }: Pair, options: Options): object {
  const tensors = { input, target, ...(weights === undefined ? {} : { weights }) };
  const isSmall = input.bytes.length + target.bytes.length <= 2 ** 15;
  const query = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, [value].flat().map(String).join(',')]));
  const body = safetensorsOf(tensors);
  const reader = safetensorsReader(contractOf(options));
  const request = reader({ bytes: body, numbers: new Float64Array(0), waitFor: () => body.length } as never, query, 2 ** 24);
  return anyAnswer(solve(request, isSmall ? {} : { kernel }));
}

export function safetensorsOf(tensors: Readonly<Record<string, Held>>): Uint8Array {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => {
    const begin = end;
    end += bytes.length;
    return [name, { dtype: formatDtypes[dtype], shape, data_offsets: [begin, end] }];
  });
  const text = JSON.stringify(Object.fromEntries(entries));
  const header = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  return new Uint8Array(Buffer.concat([size, header, ...Object.values(tensors).map(({ bytes }) => bytes)]));
}
