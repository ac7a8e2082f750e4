import { inDigits } from './digits.ts';
import { labelOf, quantityOf } from './labels.ts';

/** What a figure is about: what was measured on which data. Variants of one work are one line of docs/benchmarks.md. */
export type Place = { readonly group: string; readonly work: string; readonly variant?: string | undefined };

/** One figure. `measured` is null where it could not be measured; `outcome` says why. */
export type Row = Place & {
  readonly figure: string;
  readonly measured: number | null;
  /** That of `medians`, empty where they have several. */
  readonly unit: string;
  readonly required: string;
  readonly outcome: string;
  readonly medians: Readonly<Record<string, number>>;
  readonly detail: string;
};

export type Requirement = { readonly sign: '>=' | '<='; readonly bound: number };

export const atLeast = (bound: number): Requirement => ({ sign: '>=', bound });
export const atMost = (bound: number): Requirement => ({ sign: '<=', bound });

/** A ratio of two medians, by the names of their competitors. */
export type Ratio = { readonly over: string; readonly under: string; readonly required?: Requirement };

export type Measured = Place & {
  readonly unit: string;
  readonly medians: Readonly<Record<string, number>>;
  /** Why a competitor has no median. */
  readonly absent?: Readonly<Record<string, string>>;
  /** What else there is to say of a competitor. */
  readonly notes?: Readonly<Record<string, string>>;
};

/** A row per ratio. */
export function ratioRows(measured: Measured, ratios: readonly Ratio[]): Row[] {
  const { absent = {}, medians, unit, notes = {} } = measured;
  return ratios.map(({ over, under, required }) => {
    const figure = `${quantityOf(unit)}, ${labelOf(over)} ÷ ${labelOf(under)}`;
    const reason = absent[over] ?? absent[under];
    if (reason !== undefined) return absentRow(measured, figure, reason, required);
    const detail = [over, under].map((name) => [name, inDigits(medians[name]), unit, notes[name] ?? ''].join(' ').trim());
    return row(measured, figure, medians[over] / medians[under], required, {
      unit,
      medians: { [over]: medians[over], [under]: medians[under] },
      detail: detail.join('; '),
    });
  });
}

/** A row per competitor but one, `under`, which all others are divided by: variants of one figure. */
export function variantRows(measured: Measured, others: string, under: string, required?: Requirement): Row[] {
  const figure = `${quantityOf(measured.unit)}, ${others} ÷ ${under}`;
  const names = Object.keys(measured.medians).filter((name) => name !== under);
  return names
    .flatMap((name) => ratioRows({ ...measured, variant: name }, [{ over: name, under, ...(required && { required }) }]))
    .map((row) => ({ ...row, figure }));
}

/** A figure that was measured; without a requirement it is only reported. */
export function row(
  { group, work, variant }: Place,
  figure: string,
  measured: number,
  required: Requirement | undefined,
  rest: { readonly unit?: string; readonly medians: Readonly<Record<string, number>>; readonly detail: string },
): Row {
  const outcome = outcomeOf(measured, required);
  return { group, work, variant, figure, measured, required: inWords(required), outcome, unit: '', ...rest };
}

/** A figure that could not be measured here. */
export function absentRow({ group, work, variant }: Place, figure: string, reason: string, required?: Requirement): Row {
  const nothing = { measured: null, unit: '', medians: {}, detail: '' };
  return { group, work, variant, figure, ...nothing, required: inWords(required), outcome: `absent: ${reason}` };
}

function inWords(required: Requirement | undefined): string {
  return required === undefined ? '' : `${required.sign} ${required.bound}`;
}

function outcomeOf(measured: number, required: Requirement | undefined): string {
  if (required === undefined) return 'report';
  const holds = required.sign === '>=' ? measured >= required.bound : measured <= required.bound;
  return holds ? 'pass' : 'fail';
}
