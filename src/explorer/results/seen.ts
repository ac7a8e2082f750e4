import type { Explanation, FamilyAnswer, KlAnswer } from '../service/answers.ts';
import { fromJson, type Tensor } from '../tensors/tensor.ts';

/** The name of an outcome; null is the rest of a list. */
type Outcome = string | number | null;

/** An answer as the pictures need it. */
export type Seen = {
  readonly answer: KlAnswer;
  /** What the terms are of: KL, or the first estimate from samples. */
  readonly noun: string;
  /** In the shape of the answer, NaN where a list has no outcome or a distribution was not read. */
  readonly terms: Tensor | undefined;
  readonly perDistribution: Tensor;
  /** The names of the outcomes of each distribution, where there are any. */
  readonly outcomes: readonly (readonly Outcome[])[] | undefined;
  readonly family: FamilyAnswer | undefined;
  readonly explanation: Explanation | undefined;
  /** Whether the service derives tensors of this size as a whole, now or in a moment. */
  readonly isExplained: boolean;
  /** P and Q of each element, where the derivation has them. */
  readonly sides: Sides | undefined;
};

export type Sides = { readonly p: Float64Array; readonly q: Float64Array };

/** Returns P and Q of a derivation; none where the distributions have parameters in place of outcomes. */
export function sidesOf({ steps }: Explanation): Sides | undefined {
  const [p, logQ] = [steps.target_probs?.value, steps.input_log_probs?.value];
  if (p === undefined || logQ === undefined) return undefined;
  return { p: fromJson(p).data, q: fromJson(logQ).data.map(Math.exp) };
}

/** Returns what an answer for KL holds, with its tensors read. */
export function seenOf(answer: KlAnswer, noun: string): Seen {
  const { none, per_distribution: each } = answer.results;
  const perDistribution = fromJson(each);
  const listed = isListed(none) ? none : undefined;
  const terms = listed === undefined ? (none === undefined ? undefined : fromJson(none)) : fromLists(listed.values, answer.shape);
  return {
    answer,
    noun,
    terms: terms && terms.shape.length === 0 ? { shape: [1], data: terms.data } : terms,
    perDistribution,
    outcomes: listed === undefined ? binNames(answer) : rowsOf<Outcome>(listed.outcomes),
    family: undefined,
    explanation: undefined,
    isExplained: false,
    sides: undefined,
  };
}

type Listed = { readonly outcomes: readonly unknown[]; readonly values: readonly unknown[] };

function isListed(value: unknown): value is Listed {
  return typeof value === 'object' && value !== null && 'outcomes' in value;
}

/** A single list is one row. */
function rowsOf<Item>(lists: readonly unknown[]): readonly (readonly Item[])[] {
  return (Array.isArray(lists[0]) ? lists : [lists]) as Item[][];
}

/** Lists may differ in length: the shape has that of the longest. */
function fromLists(lists: readonly unknown[], shape: readonly number[]): Tensor {
  const longest = shape.at(-1) ?? 0;
  const rows = rowsOf<unknown>(lists);
  const data = new Float64Array(rows.length * longest).fill(Number.NaN);
  for (const [row, list] of rows.entries()) for (const [place, value] of list.entries()) data[row * longest + place] = Number(value);
  return { shape, data };
}

/** The bins of samples as outcomes: categories by name, others by their edges. */
function binNames({ bins, distributions }: KlAnswer): Outcome[][] | undefined {
  if (bins === undefined) return undefined;
  const { categories, edges = [], missing } = bins;
  const read = edgesInWords(edges.map(Number));
  const names = categories ?? read.slice(1).map((edge, place) => `${read[place]} – ${edge}`);
  return Array.from({ length: distributions }, () => (missing === undefined ? [...names] : [...names, 'missing']));
}

/** Edges as one reads them: bins of equal width have many digits. Four are enough, or one more than neighbours need to differ. */
function edgesInWords(edges: readonly number[]): string[] {
  const inDigits = (digits: number) => edges.map((edge) => String(Number(edge.toPrecision(digits))));
  for (let digits = 4; digits < 17; digits++)
    if (inDigits(digits - 1).every((word, place, all) => word !== all[place - 1])) return inDigits(digits);
  return edges.map(String);
}
