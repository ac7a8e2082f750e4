type Kind = 'logits' | 'probs' | 'counts';
export type Tensor = { readonly shape: readonly number[]; readonly data: readonly number[] };
export type Output = 'none' | 'per_distribution' | 'sum' | 'mean' | 'batchmean' | 'distribution_mean';

/** Logits along the last axis, in nats, unless it says otherwise. */
export type Question = {
  readonly input: Tensor;
  readonly target: Tensor;
  readonly kinds?: readonly [input: Kind, target: Kind];
  readonly dim?: readonly number[];
  readonly base?: number;
};

export const tensor = (shape: readonly number[], data: readonly number[]): Tensor => ({ shape, data });

/** Every reduction of D(target || input) by its textbook formula, term by term. */
export function textbook({ input, target, kinds = ['logits', 'logits'], dim = [-1], base = Math.E }: Question): Record<Output, Tensor> {
  const { shape } = input;
  const axes = dim.map((axis) => (axis + shape.length) % shape.length);
  const kept = shape.filter((_, axis) => !axes.includes(axis));
  const groups = Array.from(input.data, (_, i) => groupOf(i, shape, axes));
  const logQ = logProbabilities(input.data, groups, kinds[0]);
  const logP = logProbabilities(target.data, groups, kinds[1]);
  // 0·log 0 is 0
  const terms = logP.map((p, i) => (p === -Infinity ? 0 : (Math.exp(p) * (p - logQ[i])) / Math.log(base)));
  const totals = sums(terms, groups);
  const total = totals.reduce((sum, x) => sum + x, 0);
  const number = (x: number) => tensor([1], [x]);
  return {
    none: tensor(shape, terms),
    per_distribution: tensor(kept, totals),
    sum: number(total),
    mean: number(total / terms.length),
    batchmean: number(total / shape[0]),
    distribution_mean: number(total / totals.length),
  };
}

/** Which distribution an element belongs to: its index without the axes that a distribution lies along. */
function groupOf(position: number, shape: readonly number[], axes: readonly number[]): number {
  let [rest, group, stride] = [position, 0, 1];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const index = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
    if (axes.includes(axis)) continue;
    group += index * stride;
    stride *= shape[axis];
  }
  return group;
}

function logProbabilities(data: readonly number[], groups: readonly number[], kind: Kind): number[] {
  if (kind === 'probs') return data.map(Math.log);
  if (kind === 'counts') {
    const masses = sums(data, groups);
    return data.map((x, i) => Math.log(x / masses[groups[i]]));
  }
  const masses = sums(data.map(Math.exp), groups);
  return data.map((x, i) => x - Math.log(masses[groups[i]]));
}

function sums(data: readonly number[], groups: readonly number[]): number[] {
  const totals = new Array<number>(Math.max(...groups) + 1).fill(0);
  for (const [i, x] of data.entries()) totals[groups[i]] += x;
  return totals;
}
