import type { Axes } from '../../tensor/axes.ts';
import type { KindName } from '../kinds.ts';
import type { Base } from '../log-base.ts';

/** What the expressions depend on. */
export type Named = {
  readonly shape: readonly number[];
  readonly axes: Axes;
  readonly inputKind: KindName;
  readonly targetKind: KindName;
  readonly temperature: number;
  readonly pseudocount: number;
  readonly base: Base;
  /** What the tensors are called, where it is not what they are. */
  readonly names?: { readonly input: string; readonly target: string };
};

const ownNames = { input: 'input', target: 'target' };

type Write = (name: string, dims: readonly number[]) => string;

const torchLogProbs: Record<KindName, Write> = {
  logits: (name, dims) => (dims.length === 1 ? `${name}.log_softmax(${dims[0]})` : jointLogSoftmax(name, dims)),
  log_probs: (name) => name,
  probs: (name) => `${name}.log()`,
  counts: (name, dims) => `(${name} / ${name}.sum(${axis(dims)}, keepdim=True)).log()`,
};

const torchTarget: Record<KindName, Write> = {
  logits: (name, dims) => (dims.length === 1 ? `${name}.softmax(${dims[0]})` : `(${jointLogSoftmax(name, dims)}).exp()`),
  log_probs: (name) => `${name}, log_target=True`,
  probs: (name) => name,
  counts: (name, dims) => `${name} / ${name}.sum(${axis(dims)}, keepdim=True)`,
};

const numpyProbs: Record<KindName, Write> = {
  logits: (name, dims) => `softmax(${name}, axis=${axis(dims)})`,
  log_probs: (name) => `np.exp(${name})`,
  probs: (name) => name,
  counts: (name, dims) => `${name} / ${name}.sum(axis=${axis(dims)}, keepdims=True)`,
};

/** `F.kl_div(…)` for a reduction, where F is torch.nn.functional. */
export function torchExpressions(named: Named) {
  const { inputKind, targetKind, temperature, base, names = ownNames } = named;
  const { dims } = named.axes;
  const grouped = (name: string) => (temperature === 1 ? asRead(name, named) : `(${asRead(name, named)})`);
  const input = torchLogProbs[inputKind](grouped(names.input), dims);
  const target = torchTarget[targetKind](grouped(names.target), dims);
  return (reduction: string) => `F.kl_div(${input}, ${target}, reduction="${reduction}")${inUnits(base)}`;
}

/**
 * `F.kl_div(…)` with weights, a torch tensor; `selected` where a mask picks rows of the last axis. NaN in a row of weight 0 counts nowhere.
 */
export function torchWeightedExpressions(named: Named) {
  const { shape, axes, base } = named;
  const { dims } = axes;
  const weighted = `(${torchExpressions({ ...named, base: 'e' })('none')}.sum(${axis(dims)}) * weights)[weights > 0].sum()`;
  const picked = (name: string) => `${name}[weights > 0]`;
  const rows = { ...named, names: { input: picked('input'), target: picked('target') }, axes: { ...axes, dims: [1] } };
  const isLastOfSeveral = shape.length > 1 && dims.length === 1 && dims[0] === shape.length - 1;
  return {
    sum: `${weighted}${inUnits(base)}`,
    mean: `${weighted} / weights.sum()${inUnits(base)}`,
    selected: isLastOfSeveral ? torchExpressions(rows)('batchmean') : undefined,
  };
}

/** `entropy(…)` from scipy.stats, `rel_entr(…)` and `softmax` from scipy.special. */
export function scipyExpressions(named: Named) {
  const { dims } = named.axes;
  const { base } = named;
  const [input, target] = numpyArguments(named);
  const arguments_ = `${target}, ${input}`;
  return {
    entropy: `entropy(${arguments_}, ${base === 'e' ? '' : `base=${base}, `}axis=${axis(dims)})`,
    relEntr: `rel_entr(${arguments_})${inUnits(base)}`,
  };
}

/** Keras's two forms. They sum along the last axis, so other axes are moved there. */
export function kerasExpressions(named: Named) {
  const { base } = named;
  const moved = (expression: string) => lastAxis(expression, named.axes.dims, named.shape);
  const [input, target] = numpyArguments(named);
  const arguments_ = `${moved(target)}, ${moved(input)}`;
  return {
    function: `keras.losses.kl_divergence(${arguments_})${inUnits(base)}`,
    loss: `keras.losses.KLDivergence()(${arguments_})${inUnits(base)}`,
    weightedLoss: `keras.losses.KLDivergence()(${arguments_}, sample_weight=weights)${inUnits(base)}`,
  };
}

function numpyArguments(named: Named): [input: string, target: string] {
  const { dims } = named.axes;
  return [numpyProbs[named.inputKind](asRead('input', named), dims), numpyProbs[named.targetKind](asRead('target', named), dims)];
}

/** A tensor by its name, divided by the temperature or with the pseudocount added where there is one. */
export function asRead(name: string, { temperature, pseudocount }: Pick<Named, 'temperature' | 'pseudocount'>): string {
  if (pseudocount !== 0) return `(${name} + ${pseudocount})`;
  return temperature === 1 ? name : `${name} / ${temperature}`;
}

function lastAxis(expression: string, dims: readonly number[], shape: readonly number[]): string {
  const rank = shape.length;
  const trailing = dims.every((dim, position) => dim === rank - dims.length + position);
  const destination = dims.map((_, position) => position - dims.length);
  const moved = trailing ? expression : `np.moveaxis(${expression}, ${axis(dims)}, ${axis(destination)})`;
  if (dims.length === 1) return moved;
  const rest = shape.filter((_, dim) => !dims.includes(dim));
  const array = trailing && expression.includes(' / ') ? `(${expression})` : moved;
  return `${array}.reshape(${[...rest, -1].join(', ')})`;
}

// log_softmax takes one dim, logsumexp a tuple of them
function jointLogSoftmax(name: string, dims: readonly number[]): string {
  return `${name} - ${name}.logsumexp(${axis(dims)}, keepdim=True)`;
}

const axis = (dims: readonly number[]): string => (dims.length === 1 ? String(dims[0]) : `(${dims.join(', ')})`);

const inUnits = (base: Base): string => (base === 'e' ? '' : ` / np.log(${base})`);
