import { dataWarnings } from './data-warnings.ts';
import { reductionWarnings } from './reduction-warnings.ts';
import { requestWarnings } from './request-warnings.ts';
import { samplingWarnings } from './sampling-warnings.ts';
import type { Finding, Severity, Warning, WarningContext } from './warning.ts';

/** The catalogue: one row a code, and answers list their warnings in its order. */
export const warnings = { ...reductionWarnings, ...dataWarnings, ...samplingWarnings, ...requestWarnings };

export type WarningCode = keyof typeof warnings;

export const warningCodes = Object.keys(warnings) as [WarningCode, ...WarningCode[]];

const rows: readonly (Warning & { readonly code: WarningCode })[] = warningCodes.map((code) => ({ code, ...warnings[code] }));

export type FoundWarning = { readonly code: WarningCode; readonly severity: Severity } & Finding;

/** Everything that the reader of an answer should know about its numbers. */
export function warningsFor(answered: WarningContext): FoundWarning[] {
  const found: FoundWarning[] = [];
  for (const { code, severity, find } of rows) {
    for (const { pointer, message, details } of find(answered))
      found.push({ code, severity, pointer, message: inOnePiece(message), details });
  }
  return found;
}

const aboutNumbers = Object.values<Warning>(dataWarnings);

/** Whether there is a warning about the numbers of an answer, and not about what its reductions and options mean. */
export function hasDataWarning(answered: WarningContext): boolean {
  for (const { find } of aboutNumbers) if (find(answered).length > 0) return true;
  return false;
}

/** Whether a warning is one of those about numbers. */
export function isDataWarning({ code }: Pick<FoundWarning, 'code'>): boolean {
  return Object.hasOwn(dataWarnings, code);
}

/** What was found by other means than the catalogue's own, with each severity and in the catalogue's order. */
export function inOrder(found: Partial<Record<WarningCode, readonly Finding[]>>): FoundWarning[] {
  return warningCodes.flatMap((code) =>
    (found[code] ?? []).map((finding) => ({ code, severity: warnings[code].severity, ...finding, message: inOnePiece(finding.message) })),
  );
}

/**
 * Returns the same text in one piece of memory, as `split` makes it. V8 keeps a concatenated text in its parts, and JSON.stringify takes a
 * slower way for a whole answer that holds one.
 */
function inOnePiece(text: string): string {
  return text.split('\0').join('\0');
}
