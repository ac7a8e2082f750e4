import type { SideName } from '../comparison.ts';
import type { ReductionName } from '../reductions.ts';
import type { Direction, DivergenceRow, Parameter } from './divergence-row.ts';
import { divergences } from './divergence-table.ts';

export type DivergenceName = keyof typeof divergences;

export const divergenceNames = Object.keys(divergences) as [DivergenceName, ...DivergenceName[]];

/** The divergences of a request that names none. */
export const defaultDivergences = ['kl', 'reverse_kl', 'jeffreys', 'jensen_shannon'] as const satisfies readonly DivergenceName[];

/** A divergence as a request asks for it. */
export type NamedDivergence = {
  /** As the caller wrote it, and so its key in the answer: `renyi:0.5`. */
  readonly key: string;
  readonly name: DivergenceName;
  /** What stands behind the colon, or the standard value; 0 where there is none. */
  readonly parameter: number;
};

const numberPattern = String.raw`\d+(\.\d+)?([eE][+-]?\d+)?`;

/** How a divergence is written: `name`, or `name:number`. */
export const divergencePattern = `^(${divergenceNames.map(spelling).join('|')})$`;

function spelling(name: DivergenceName): string {
  const { parameter } = rowOf({ name });
  if (parameter === undefined) return name;
  return `${name}:${numberPattern}${parameter.standard === undefined ? '' : `|${name}`}`;
}

export function rowOf({ name }: Pick<NamedDivergence, 'name'>): DivergenceRow {
  return divergences[name];
}

/** Whether a divergence is the plain sum of its terms, so that the reduction `none` exists. */
export function isPlainSum(divergence: Pick<NamedDivergence, 'name'>): boolean {
  const { estimate, term, finish } = rowOf(divergence);
  return (estimate ?? term) !== undefined && finish === undefined;
}

/** Whether a divergence is estimated from samples, and so computed from nothing else. */
export function isEstimate(divergence: Pick<NamedDivergence, 'name'>): boolean {
  return rowOf(divergence).estimate !== undefined;
}

/** The divergences that are estimated from samples. */
export const estimateNames = divergenceNames.filter((name) => isEstimate({ name }));

/** The reductions that a divergence has, of those asked for: one that is no plain sum of terms has no `none`. */
export function reductionsOf(divergence: NamedDivergence, reductions: readonly ReductionName[]): readonly ReductionName[] {
  return isPlainSum(divergence) ? reductions : reductions.filter((name) => name !== 'none');
}

/** @param sampledFrom the side whose model the samples of an estimate are from */
export function directionOf(divergence: NamedDivergence, sampledFrom?: SideName): Direction {
  return rowOf(divergence).direction(divergence.parameter, sampledFrom);
}

/** Reads a name as a caller writes it. Returns what is wrong with it as text. */
export function parseDivergence(key: string): NamedDivergence | string {
  const colon = key.indexOf(':');
  const name = colon === -1 ? key : key.slice(0, colon);
  if (!isName(name)) return unknownName(name);
  const { parameter } = rowOf({ name });
  if (colon === -1) return standard(name, parameter);
  const text = key.slice(colon + 1);
  if (parameter === undefined) return `${name} has no parameter: expected ${name}, got ${JSON.stringify(key)}`;
  const value = new RegExp(`^-?${numberPattern}$`).test(text) ? Number(text) : Number.NaN;
  return outOfBounds(name, parameter, value, text) ?? { key, name, parameter: value };
}

function standard(name: DivergenceName, parameter: Parameter | undefined): NamedDivergence | string {
  if (parameter === undefined) return { key: name, name, parameter: 0 };
  if (parameter.standard !== undefined) return { key: name, name, parameter: parameter.standard };
  return `${name} needs ${parameter.symbol}, ${parameter.meaning}: "${name}:2", say`;
}

function outOfBounds(
  name: DivergenceName,
  { symbol, meaning, above, below, instead }: Parameter,
  value: number,
  text: string,
): string | undefined {
  if (Object.hasOwn(instead, value))
    return `${name} at ${symbol} = ${value} is 0 or undefined by its formula: ask for ${instead[value]}, which is meant there`;
  if (value > above && value < below) return undefined;
  const spelling = Number.isNaN(value) ? ', spelled as JSON spells it, such as 0.5' : '';
  const bounds = below === Number.POSITIVE_INFINITY ? `above ${above}` : `between ${above} and ${below}, both excluded`;
  return `${symbol} of ${name}, ${meaning}, is a number ${bounds}${spelling}: got ${JSON.stringify(text.slice(0, 20))}`;
}

function isName(name: string): name is DivergenceName {
  return Object.hasOwn(divergences, name);
}

/** What may be meant by a name of other tools. */
function unknownName(name: string): string {
  const asked = name.toLowerCase().replaceAll(/[\s-]+/g, '_');
  const meant = divergenceNames.find((known) => known === asked || rowOf({ name: known }).aliases.includes(asked));
  const hint = meant === undefined ? `the divergences are ${divergenceNames.join(', ')}` : `it is called ${meant} here`;
  return `there is no divergence ${JSON.stringify(name.slice(0, 40))}: ${hint}`;
}
