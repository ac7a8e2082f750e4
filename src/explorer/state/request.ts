import { fromJson } from '../tensors/tensor.ts';
import { readRows } from '../text/rows.ts';
import { fieldValue } from './options.ts';
import { type SideName, type State, sideNames } from './state.ts';

/** Returns the fields of a request that are no tensor. The kind of `target` is that of `input` unless it is chosen. */
export function optionsOf({ options }: State): Record<string, unknown> {
  const given = Object.entries(options).filter(([, text]) => text.trim() !== '');
  const fields = Object.fromEntries(given.map(([name, text]) => [name, fieldValue(name, text)]));
  return 'input_kind' in fields && !('target_kind' in fields) ? { ...fields, target_kind: fields.input_kind } : fields;
}

/** The names of the tensors that the request has as text. */
export function textsOf({ texts, attached }: State): (SideName | 'weights')[] {
  const sides = sideNames.filter((name) => attached[name] === undefined);
  return texts.weights.trim() === '' ? sides : [...sides, 'weights'];
}

/**
 * Returns the body of a request: each tensor as its editor has it, so that the service says what is wrong with it, from a line of its own
 * on, and then the options.
 */
export function bodyOf(state: State, fields: Readonly<Record<string, unknown>>): string {
  const tensors = textsOf(state).map((name) => `"${name}":\n${jsonOf(state.texts[name])}`);
  const others = Object.entries(fields).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `{${[...tensors, ...others].join('\n, ')}}`;
}

/** The first line of each tensor in the body that `bodyOf` writes, counted from 0. */
export function firstLines(state: State): { readonly name: SideName | 'weights'; readonly line: number }[] {
  let line = 1;
  return textsOf(state).map((name) => {
    const at = { name, line };
    line += jsonOf(state.texts[name]).split('\n').length + 1;
    return at;
  });
}

/** Whether some of the distributions that are read count more than others: a mask has weights of 0 and 1 alone. */
export function isWeighted({ texts }: State): boolean {
  try {
    return fromJson(JSON.parse(jsonOf(texts.weights))).data.some((weight) => weight !== 0 && weight !== 1);
  } catch {
    return false;
  }
}

export function jsonOf(text: string): string {
  return readRows(text)?.json ?? text;
}
