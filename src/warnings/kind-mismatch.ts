import { type Operand, type SideName, sideNames } from '../core/comparison.ts';
import { kinds } from '../core/kinds.ts';
import { type Lookalike, lookalikeOf } from '../core/lookalike.ts';
import { type OtherLogarithm, otherLogarithmOf } from '../core/other-logarithm.ts';
import { dimsInWords } from '../tensor/axes.ts';
import { sameShape } from '../tensor/tensor.ts';
import { asListed, type Lookalikes, type ValueIf, valuesUnder } from './value-if.ts';
import { type Finding, inWords, type LooksLike, quantity, type WarningContext } from './warning.ts';

/**
 * How improbable it must be that the numbers look so by chance, in bits: as logits arbitrary numbers are plausible, toy examples among
 * them, as log-probabilities numbers above 0 are not.
 */
const bitsNeeded = { decimals: 13, binary: 20, logProbs: 8 };

/**
 * Sides of logits or log_probs that look like probabilities, percentages or counts, and logits that are logarithms of another base or
 * sign.
 */
export function kindMismatch(answered: WarningContext): Finding[] {
  const found = otherKinds(answered);
  if (answered.seen === undefined) for (const name of sideNames) addOtherLogarithm(name, answered, found);
  return found;
}

function otherKinds(answered: WarningContext): Finding[] {
  if (answered.seen !== undefined) {
    const likely = likelyOf(answered.seen.lookalikes, answered);
    return findingsOf(likely, { kinds: sendAs(likely), isPadded: hasPadding(likely) }, answered);
  }
  const lookalikes = lookalikesOf(answered);
  if (lookalikes.input === undefined && lookalikes.target === undefined) return [];
  const found = likelyOf(lookalikes, answered);
  if (found.input === undefined && found.target === undefined) return [];
  const looks = Object.fromEntries(Object.entries(found).map(([name, lookalike]) => [name, looksLike(lookalike)]));
  const { values, isPadded } = valuesUnder(found, answered) ?? {};
  return findingsOf(looks, { kinds: sendAs(looks), values, isPadded: isPadded ?? hasPadding(looks) }, answered);
}

function looksLike({ what, kind, axes, distributions, bits, isDecimal, isInteger }: Lookalike): LooksLike {
  return { what, kind, bits, isDecimal, isInteger, dims: axes.dims, count: distributions.length, total: axes.distributionOffsets.length };
}

/** What to send, which both sides have in common, and the values that it has. */
type Advice = { readonly kinds: readonly string[]; readonly isPadded: boolean; readonly values?: ValueIf | undefined };

function findingsOf(found: Partial<Record<SideName, LooksLike>>, advice: Advice, answered: WarningContext): Finding[] {
  return sideNames.flatMap((name) => {
    const looks = found[name];
    return looks === undefined || looks.count === 0 ? [] : [findingOf(name, looks, advice, answered)];
  });
}

/** Whether some distributions are one number throughout, which is no share of a whole. */
function hasPadding(found: Partial<Record<SideName, LooksLike>>): boolean {
  return Object.values(found).some(({ what, count, total }) => what !== 'counts' && count < total);
}

/** Adds what there is to say of logits of which exp is no distribution, but which another base or sign makes one. */
function addOtherLogarithm(name: SideName, { operands, read, axes }: WarningContext, findings: Finding[]): void {
  const { kind, tensor } = operands[name];
  const logarithm = kind === 'logits' ? otherLogarithmOf(tensor, read) : undefined;
  if (logarithm === undefined) return;
  const [power, remedy] = otherwise[logarithm];
  const message =
    `${power}${name} sums to 1 along ${dimsInWords(axes.dims)} in each distribution, so ${name} seems to be ${logarithm} of probabilities, but a softmax takes ` +
    `natural logarithms: the result is that of other distributions. ${remedy}.`;
  findings.push({ pointer: `#/${name}`, message, details: { side: name, declared: kind, looks_like: logarithm } });
}

/** What makes distributions of other logarithms, and what to send. */
const otherwise: Record<OtherLogarithm, readonly [string, string]> = {
  '-log': ['e^-', 'Send log p, not -log p'],
  log2: ['2^', 'Multiply the numbers by ln 2 = 0.693147'],
};

/** The kinds to declare: of both sides where both look otherwise, since the values are those of both together. */
function sendAs(found: Partial<Record<SideName, LooksLike>>): string[] {
  return sideNames.flatMap((name) => {
    const looks = found[name];
    return looks === undefined ? [] : [`"${name}_kind": "${looks.kind}"`];
  });
}

/** Only kinds that hold logarithms: what `probs` and `counts` are not is told by their sums. */
function lookalikesOf({ operands, read }: WarningContext): Lookalikes {
  const found: Lookalikes = {};
  for (const name of sideNames) {
    if (kinds[operands[name].kind].scale !== 'log') continue;
    const { tensor } = asListed(operands[name]);
    const lookalike = lookalikeOf(tensor, read, tensor.isInteger);
    if (lookalike !== undefined) found[name] = lookalike;
  }
  return found;
}

/** What was found, if it is improbable enough that the numbers look so by chance. Whole numbers are counts beside counts alone. */
function likelyOf<Looks extends Pick<Lookalike, 'what' | 'bits' | 'isDecimal'>>(
  all: Partial<Record<SideName, Looks>>,
  { operands }: WarningContext,
): Partial<Record<SideName, Looks>> {
  const haveCounts = sideNames.some((name) => all[name]?.what === 'counts' && all[name].bits > 0);
  const found = haveCounts ? all : Object.fromEntries(Object.entries(all).filter(([, { bits }]) => bits > 0));
  const bits = sideNames.reduce((sum, name) => sum + (found[name]?.bits ?? 0), 0);
  const isLikely = sideNames.some((name) => {
    const looks = found[name];
    return looks !== undefined && bits >= needed(looks, operands[name]);
  });
  return isLikely ? found : {};
}

function needed({ isDecimal }: Pick<Lookalike, 'isDecimal'>, { kind }: Operand): number {
  return kind === 'log_probs' ? bitsNeeded.logProbs : isDecimal ? bitsNeeded.decimals : bitsNeeded.binary;
}

function findingOf(name: SideName, looks: LooksLike, advice: Advice, { operands, axes, temperature }: WarningContext): Finding {
  const { kind } = operands[name];
  const { count, total, dims } = looks;
  const what = wordsOf(looks);
  const isAlongDim = sameShape(dims, axes.dims);
  const fields = [...advice.kinds];
  if (!isAlongDim) fields.push(`"dim": ${dimOf(dims)}`);
  if (advice.isPadded) fields.push('"weights" with 0 for distributions that look like padding');
  const without = temperature === 1 ? '' : ', without temperature';
  return {
    pointer: `#/${name}_kind`,
    message:
      `${seen[what](name, dimsInWords(dims), quantity(count, 'distribution', total))}, but ${name}_kind is ${kind}: ` +
      `${consequences[kind as keyof typeof consequences][what]}. Send ${fields.join(', ')}${without}${inWordsUnder(advice.values)}.`,
    details: {
      side: name,
      declared: kind,
      looks_like: looks.what,
      send_as: looks.kind,
      ...(isAlongDim ? {} : { dim: dims }),
      distributions: count,
      ...(advice.values === undefined ? {} : { value_if: advice.values }),
    },
  };
}

function inWordsUnder(valueIf: ValueIf = {}): string {
  const values = Object.entries(valueIf).map(([reduction, value]) => `${reduction} ${typeof value === 'number' ? inWords(value) : value}`);
  return values.length === 0 ? '' : `; then ${values.join(', ')}`;
}

function dimOf(dims: readonly number[]): string {
  return dims.length === 1 ? String(dims[0]) : `[${dims.join(', ')}]`;
}

const seen = {
  probs: (name, along, count) => `${name} lies in [0, 1] and sums to 1 along ${along} in ${count}, as probabilities do`,
  rounded: (name, along, count) => `${name} lies in [0, 1] and sums to 1 but for rounding along ${along} in ${count}, as probabilities do`,
  percentages: (name, along, count) => `${name} lies in [0, 100] and sums to 100 along ${along} in ${count}, as percentages do`,
  counts: (name, along, count) =>
    `${name} holds whole numbers from 0 on, whose softmax along ${along} keeps only the largest in ${count}, as counts or raw observations do`,
  integers: (name, _along, count) =>
    `${name} has an integer datatype and no negative number in ${count}, as counts and raw observations have`,
} satisfies Record<Words, (name: SideName, along: string, count: string) => string>;

/** `rounded` are probabilities, and `integers` counts by their datatype, whatever their softmax keeps. */
type Words = Lookalike['what'] | 'rounded' | 'integers';

function wordsOf({ what, kind, isInteger }: LooksLike): Words {
  if (isInteger) return 'integers';
  return what === 'probs' && kind === 'counts' ? 'rounded' : what;
}

const secondSoftmax = 'the result is the divergence after a second softmax, which flattens the distributions';
const expOfProbability = 'the result takes exp of a probability, which makes every mass at least 1';

const consequences = {
  logits: {
    probs: secondSoftmax,
    rounded: secondSoftmax,
    percentages: 'the result is the divergence after a softmax, which keeps little but the largest percentage',
    counts: 'the result compares little but where the largest count is',
    integers: 'the result takes a softmax of counts',
  },
  log_probs: {
    probs: expOfProbability,
    rounded: expOfProbability,
    percentages: 'the result takes exp of a percentage as a mass',
    counts: 'the result takes exp of a count as a mass',
    integers: 'the result takes exp of a count as a mass',
  },
} satisfies Record<'logits' | 'log_probs', Record<Words, string>>;
