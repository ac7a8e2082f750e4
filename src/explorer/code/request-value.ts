import { plainText } from '../state/options.ts';
import { jsonOf, optionsOf, textsOf } from '../state/request.ts';
import { type SideName, type State, sideNames } from '../state/state.ts';

/** A tensor of a file. Flags are sent as integers. */
export type FileOperand = { readonly file: string; readonly tensor: string; readonly slice: string; readonly isFlags: boolean };

/** A tensor of a request as code writes it: a value of JSON, or that of a file. */
type Operand = { readonly value: unknown; readonly file?: undefined } | FileOperand;

/** A request as code writes it. */
export type RequestValue = {
  readonly path: string;
  readonly tensors: readonly (readonly [SideName | 'weights', Operand])[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly isBinary: boolean;
};

/** Returns the request that a state stands for, or undefined while a tensor is not JSON. */
export function requestValue(state: State): RequestValue | undefined {
  const options = optionsOf(state);
  const several = 'divergences' in options || options.input_kind === 'sampled_log_probs';
  try {
    const texts = textsOf(state).map((name) => [name, { value: JSON.parse(jsonOf(state.texts[name])) as unknown }] as const);
    const files = sideNames.flatMap((name) => {
      const attached = state.attached[name];
      if (attached === undefined) return [];
      const { file, tensors, chosen: tensor, slice } = attached;
      return [[name, { file, tensor, slice, isFlags: tensors.get(tensor)?.dtype === 'BOOL' }] as const];
    });
    const tensors = [...texts, ...files].toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b));
    return { path: several ? '/v1/divergences' : '/v1/kl-divergence', tensors, options, isBinary: files.length > 0 };
  } catch {
    return undefined;
  }
}

const order: readonly string[] = ['input', 'target', 'weights'];

/** Returns the query in which a request in bytes has its options. */
export function queryOf({ options }: RequestValue): string {
  const query = new URLSearchParams(Object.entries(options).map(([name, value]) => [name, plainText(value)])).toString();
  return query === '' ? '' : `?${query.replaceAll('%2C', ',').replaceAll('%3A', ':')}`;
}
