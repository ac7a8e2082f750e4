import { openFile } from '../files/open-file.ts';
import { type ByteTensor, numbersOf } from '../tensors/dtype.ts';
import { sizeOf, toJson } from '../tensors/tensor.ts';
import { readRows } from '../text/rows.ts';
import { fieldText } from './options.ts';
import { emptyState, type SideName, type State } from './state.ts';

/** More numbers than these stay in their file: an editor would show them, but nobody would read them. */
const mostInEditor = 2_000;

/**
 * Returns what the files that were dropped on a side change. Two files are input and target, in this order, unless their names say which is
 * which; a file with tensors `input` and `target`, or a request in JSON, is both. @throws Error that says what cannot be read
 */
export async function takeFiles(files: readonly File[], side: SideName | 'weights', state: State): Promise<Partial<State>> {
  let taken = state;
  for (const [place, file] of files.entries())
    taken = await takeFile(
      file,
      sideOf(file, files.length > 1 ? ((['input', 'target'] as const)[place] ?? side) : side, files.length),
      taken,
    );
  return { texts: taken.texts, attached: taken.attached, options: taken.options, distribution: 0 };
}

function sideOf({ name }: File, side: SideName | 'weights', count: number): SideName | 'weights' {
  const named = /input|target|weights/.exec(name.toLowerCase())?.[0];
  return count > 1 && named !== undefined ? (named as SideName | 'weights') : side;
}

async function takeFile(file: File, side: SideName | 'weights', state: State): Promise<State> {
  const { text, tensors } = await openFile(file);
  if (text !== undefined) return requestIn(text) ?? withText(state, side, rowsAsJson(text));
  const named = (['input', 'target', 'weights'] as const).filter((name) => tensors.has(name));
  if (named.length > 1) return named.reduce((taken, name) => withTensor(taken, name, name, { file: file.name, tensors }), state);
  return withTensor(state, side, tensors.keys().next().value ?? '', { file: file.name, tensors });
}

function withTensor(
  state: State,
  side: SideName | 'weights',
  chosen: string,
  { file, tensors }: { readonly file: string; readonly tensors: ReadonlyMap<string, ByteTensor> },
): State {
  const tensor = tensors.get(chosen);
  if (tensor === undefined) return state;
  const isSmall = sizeOf(tensor.shape) <= mostInEditor && (tensors.size === 1 || tensors.has('input'));
  if (isSmall || side === 'weights') return withText(state, side, JSON.stringify(toJson({ shape: tensor.shape, data: numbersOf(tensor) })));
  return { ...state, attached: { ...state.attached, [side]: { file, tensors, chosen, slice: '' } } };
}

function withText(state: State, side: SideName | 'weights', text: string): State {
  const { [side as SideName]: _, ...attached } = state.attached;
  return { ...state, attached, texts: { ...state.texts, [side]: text } };
}

/** Long columns of a CSV file stand as they are: the editor takes rows too. */
function rowsAsJson(text: string): string {
  return readRows(text) === undefined ? text.trim() : text;
}

/** A whole request in JSON: its tensors and its options. */
function requestIn(text: string): State | undefined {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof request !== 'object' || request === null || !('input' in request) || !('target' in request)) return undefined;
  const { input, target, weights, ...options } = request as Record<string, unknown>;
  const texts = {
    input: JSON.stringify(input),
    target: JSON.stringify(target),
    weights: weights === undefined ? '' : JSON.stringify(weights),
  };
  return {
    ...emptyState,
    texts,
    options: Object.fromEntries(Object.entries(options).map(([name, value]) => [name, fieldText(name, value)])),
  };
}
