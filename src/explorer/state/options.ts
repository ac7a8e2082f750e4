import type { Info } from '../service/answers.ts';

/** An option of a request, as a row of the form. Its value is text; no text leaves the field out of the request. */
export type Option = {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** What holds where nothing is chosen or typed. */
  readonly fallback?: string;
  /** What may be chosen; text where anything may be typed. */
  readonly choices?: (info: Info) => readonly string[];
  /** Whether several may be chosen. */
  readonly several?: true;
  /** Of which kinds the field can be said. */
  readonly appliesTo?: (kind: string) => boolean;
  /** Whether the service of today has it. */
  readonly isKnown?: (info: Info) => boolean;
};

const kindNames = ({ kinds }: Info) => kinds.map(({ name }) => name);
const ofSamples = (kind: string) => kind === 'samples';
const isCounted = (kind: string) => kind === 'counts' || kind === 'samples';
const along = new Set(['logits', 'log_probs', 'probs', 'counts']);

export const options: readonly Option[] = [
  { name: 'input_kind', label: 'kind of input', hint: 'how the numbers are read', fallback: 'logits', choices: kindNames },
  { name: 'target_kind', label: 'kind of target', hint: 'how the numbers are read', fallback: 'that of input', choices: kindNames },
  {
    name: 'dim',
    label: 'dim',
    hint: 'the axis along which one distribution lies, or several: 0 or 1,2',
    fallback: '-1',
    appliesTo: (kind) => kind !== 'samples',
  },
  { name: 'base', label: 'base', hint: 'of the logarithm: e, 2, 10', fallback: 'e' },
  { name: 'temperature', label: 'temperature', hint: 'logits are divided by it', fallback: '1', appliesTo: (kind) => kind === 'logits' },
  { name: 'pseudocount', label: 'pseudocount', hint: 'added to every count', fallback: '0', appliesTo: isCounted },
  {
    name: 'rest',
    label: 'rest',
    hint: 'what lists of outcomes leave out',
    fallback: 'zero',
    choices: () => ['zero', 'bucket'],
    appliesTo: (kind) => along.has(kind),
  },
  {
    name: 'estimator',
    label: 'estimator',
    hint: 'bins, or nearest neighbours without them',
    fallback: 'bins',
    choices: () => ['bins', 'knn'],
    appliesTo: ofSamples,
  },
  { name: 'k', label: 'k', hint: 'which neighbour', fallback: '5', appliesTo: ofSamples },
  {
    name: 'bins',
    label: 'bins',
    hint: 'doane, sturges, deciles, a number, or edges: 0,10,20',
    fallback: 'doane',
    appliesTo: ofSamples,
    isKnown: (info) => kindNames(info).includes('samples'),
  },
  {
    name: 'missing',
    label: 'missing',
    hint: 'null and NaN as a category of their own',
    fallback: 'refuse',
    choices: () => ['category'],
    appliesTo: ofSamples,
    isKnown: (info) => kindNames(info).includes('samples'),
  },
  {
    name: 'sampled_from',
    label: 'sampled from',
    hint: 'the model that drew the samples',
    choices: () => ['input', 'target'],
    appliesTo: (kind) => kind === 'sampled_log_probs',
  },
  {
    name: 'reduction',
    label: 'reductions',
    hint: 'none chosen: the four numbers',
    choices: ({ reductions }) => reductions.map(({ name }) => name),
    several: true,
  },
  {
    name: 'divergences',
    label: 'divergences',
    hint: 'none chosen: all of them',
    choices: ({ divergences }) => divergenceKeys(divergences),
    several: true,
    appliesTo: (kind) => kind !== 'sampled_log_probs',
  },
];

/** Returns the divergences that can be asked for, Rényi's at two orders. Samples of log-probabilities always have k1, k2 and k3. */
export function divergenceKeys(divergences: Info['divergences']): string[] {
  return divergences
    .filter(({ name }) => !/^k\d$/.test(name))
    .flatMap(({ name, parameter }) => (parameter !== undefined && parameter.default === undefined ? [`${name}:0.5`, `${name}:2`] : [name]));
}

/** Fields that hold a text even where it looks like a number. */
const texts = new Set(['input_kind', 'target_kind', 'rest', 'missing', 'estimator', 'sampled_from']);

/** Whether a field has a row in the form. */
const hasRow = (name: string) => options.some((option) => option.name === name);

/** Returns the text that stands for a value of a request: what one would type into its row, and JSON where it has none. */
export function fieldText(name: string, value: unknown): string {
  return hasRow(name) ? plainText(value) : JSON.stringify(value);
}

/** Returns a value as a row or a query spells it: a list with commas. What they do not spell is JSON, which the service quotes. */
export function plainText(value: unknown): string {
  const entries = [value].flat();
  const isPlain = entries.length > 0 && entries.every((entry) => entry !== null && typeof entry !== 'object');
  return isPlain ? entries.join(',') : JSON.stringify(value);
}

/** Returns the value of a field as the request has it: a number, a list, or the text, which the service refuses where it is wrong. */
export function fieldValue(name: string, text: string): unknown {
  const { several } = options.find((option) => option.name === name) ?? {};
  if (!hasRow(name) || /^\s*[[{]/.test(text)) return fromJson(text);
  const parts = text.split(',').map((part) => part.trim());
  if (several) return text.trim() === 'all' ? 'all' : parts;
  if (texts.has(name)) return text;
  const values = parts.map((part) => (part !== '' && Number.isFinite(Number(part)) ? Number(part) : part));
  return values.length === 1 ? values[0] : values;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
