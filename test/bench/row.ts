import { inDigits } from './digits.ts';

/** One figure. `measured` is null where it could not be measured; `outcome` says why. */
export type Row = {
  readonly group: string;
  readonly work: string;
  readonly figure: string;
  readonly measured: number | null;
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

export type Measured = {
  readonly group: string;
  readonly work: string;
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
    const figure = `${over} / ${under}`;
    const reason = absent[over] ?? absent[under];
    if (reason !== undefined) return absentRow(measured, figure, reason, required);
    const detail = [over, under].map((name) => [name, inDigits(medians[name]), unit, notes[name] ?? ''].join(' ').trim());
    return row(measured, figure, medians[over] / medians[under], required, {
      medians: { [over]: medians[over], [under]: medians[under] },
      detail: detail.join('; '),
    });
  });
}

/** A figure that was measured; without a requirement it is only reported. */
export function row(
  { group, work }: { readonly group: string; readonly work: string },
  figure: string,
  measured: number,
  required: Requirement | undefined,
  rest: { readonly medians: Readonly<Record<string, number>>; readonly detail: string },
): Row {
  return { group, work, figure, measured, required: inWords(required), outcome: outcomeOf(measured, required), ...rest };
}

/** A figure that could not be measured here. */
export function absentRow(
  { group, work }: { readonly group: string; readonly work: string },
  figure: string,
  reason: string,
  required?: Requirement,
): Row {
  return { group, work, figure, measured: null, required: inWords(required), outcome: `absent: ${reason}`, medians: {}, detail: '' };
}

function inWords(required: Requirement | undefined): string {
  return required === undefined ? '' : `${required.sign} ${required.bound}`;
}

function outcomeOf(measured: number, required: Requirement | undefined): string {
  if (required === undefined) return 'report';
  const holds = required.sign === '>=' ? measured >= required.bound : measured <= required.bound;
  return holds ? 'pass' : 'fail';
}
