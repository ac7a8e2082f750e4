import type { Limits } from './dearest-requests.ts';

/** As many numbers as a tensor may have, where each takes `width` bytes in the body. */
export function most({ body_bytes, elements_per_tensor }: Limits, width: number): number {
  return Math.min(elements_per_tensor, Math.floor((body_bytes - 4_000) / 2 / width));
}

/** Text that repeats up to `length` bytes. */
export function repeated(text: string, length: number): Buffer {
  return Buffer.alloc(length, text);
}

export const digits = { input: '1,2,3,4,5,6,7,', target: '3,1,9,2,8,5,4,' };
export type Side = keyof typeof digits;
export const sides = ['input', 'target'] as const;

/** A tensor in every form of JSON, each of as many short numbers as there may be. */
export function* jsonTensors(
  limits: Limits,
  shapeOf: (n: number) => number[],
  base64Dtypes: readonly unknown[],
): Generator<readonly [string, (side: Side) => Buffer[]]> {
  const flat = shapeOf(most(limits, 2));
  const count = flat.reduce((a, b) => a * b);
  yield [
    'flat',
    (side) => [Buffer.from(`{"shape":${JSON.stringify(flat)},"data":[`), repeated(digits[side], 2 * count - 1), Buffer.from(']}')],
  ];
  const row = shapeOf(most(limits, 2 + 2 * (flat.length - 1)));
  yield ['nested', (side) => nestedText(row, digits[side])];
  for (const dtype of base64Dtypes) {
    const width = dtype === 'float32' ? 4 : 8;
    const shape = shapeOf(most(limits, (width * 4) / 3));
    const bytes = (side: Side) =>
      Buffer.from(
        numbers(
          String(dtype),
          shape.reduce((a, b) => a * b),
          side,
        ).toString('base64'),
      );
    yield [
      `base64 ${dtype}`,
      (side) => [Buffer.from(`{"shape":${JSON.stringify(shape)},"dtype":"${dtype}","base64":"`), bytes(side), Buffer.from('"}')],
    ];
  }
}

function nestedText([rows, ...rest]: readonly number[], text: string): Buffer[] {
  const few = text
    .split(',')
    .slice(0, 7)
    .map((digit) => rest.reduceRight<string>((inner, size) => `[${Array(size).fill(inner)}]`, digit));
  const unit = Buffer.from(`${few.join(',')},`);
  const whole = Math.floor(rows / 7);
  const last = few.slice(0, rows % 7 || 1).join(',');
  return [
    Buffer.from('['),
    Buffer.alloc((whole - (rows % 7 === 0 ? 1 : 0)) * unit.length, unit),
    Buffer.from(rows % 7 === 0 ? few.join(',') : last),
    Buffer.from(']'),
  ];
}

const arrays = {
  float64: Float64Array,
  F64: Float64Array,
  FP64: Float64Array,
  float32: Float32Array,
  F32: Float32Array,
  FP32: Float32Array,
  F16: Float16Array,
  FP16: Float16Array,
} as const;

/** Numbers of a dtype as bytes, of which a short run repeats. */
export function numbers(dtype: string, count: number, side: Side): Buffer {
  const values = digits[side].split(',').slice(0, 7).map(Number);
  const width = widthOf(dtype);
  const unit = Buffer.alloc(7 * width);
  if (dtype in arrays) unit.set(new Uint8Array(arrays[dtype as keyof typeof arrays].from(values).buffer));
  else if (dtype === 'BF16') for (const [k, value] of values.entries()) unit.set(new Uint8Array(Float32Array.of(value).buffer, 2), 2 * k);
  else for (const [k, value] of values.entries()) unit[k * width] = value;
  return Buffer.alloc(count * width, unit);
}

/** The bytes of an element; BOOL, the only dtype without a width in its name, has one. */
export function widthOf(dtype: string): number {
  return Number(/\d+$/.exec(dtype)?.[0] ?? 8) / 8;
}
