import type { Side } from './request.ts';
import { bytesOf, type Datatype, jsonElement } from './tensors.ts';

/** `{outcomes, values}`. Undefined for a tensor. */
export function listed({ shape, data, outcomes }: Side): { outcomes: unknown; values: unknown } | undefined {
  if (outcomes === undefined) return undefined;
  let used = 0;
  const values = outcomes.map((row) => {
    used += row.length;
    return data.slice(used - row.length, used).map(jsonElement);
  });
  return { outcomes: nestedRows(outcomes, shape as number[]), values: nestedRows(values, shape as number[]) };
}

function nestedRows(rows: readonly unknown[], [size, ...inner]: readonly number[]): unknown {
  if (size === undefined) return rows[0];
  const each = rows.length / size;
  return Array.from({ length: size }, (_, k) => nestedRows(rows.slice(k * each, (k + 1) * each), inner));
}

/** A tensor of bytes, under its name. */
export type NamedBytes = readonly [name: string, shape: readonly unknown[], bytes: Buffer, datatype: Datatype];

/** The tensors that a side is under its name, a list two of them. Undefined where they hold something that their datatypes cannot. */
export function inBytes(name: string, side: Side, datatype: Datatype): NamedBytes[] | undefined {
  if (side.outcomes !== undefined) return listInBytes(name, side, datatype);
  const bytes = bytesOf(side, datatype);
  return bytes && [[name, side.shape, bytes, datatype]];
}

/** The two tensors that a list is, whose rows are filled up. */
function listInBytes(name: string, { shape, data, outcomes = [] }: Side, datatype: Datatype): NamedBytes[] | undefined {
  const width = Math.max(...outcomes.map((row) => row.length));
  const whole = [...(shape as number[]), width];
  const filled = (rows: readonly (readonly unknown[])[], filler: unknown) =>
    rows.flatMap((row) => [...row, ...Array(width - row.length).fill(filler)]);
  let used = 0;
  const values = outcomes.map((row) => {
    used += row.length;
    return data.slice(used - row.length, used);
  });
  const ids = bytesOf({ shape: whole, data: filled(outcomes, -1) }, 'INT64');
  const numbers = bytesOf({ shape: whole, data: filled(values, 0) }, datatype);
  if (ids === undefined || numbers === undefined) return undefined;
  return [
    [`${name}.outcomes`, whole, ids, 'INT64'],
    [`${name}.values`, whole, numbers, datatype],
  ];
}
