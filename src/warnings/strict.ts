import { RequestError } from '../errors/request-error.ts';
import type { FoundWarning } from './warnings.ts';

/** What a caller has asked for. */
type Asked = {
  readonly strict: boolean;
  readonly reduction?: unknown;
  readonly sampling?: boolean | undefined;
  readonly confidence?: number | undefined;
};

/** Refuses a request under `strict` for its warnings, but not for what the caller did not ask for. @throws RequestError STRICT_WARNINGS */
export function refuseIfStrict(request: Asked, warnings: readonly FoundWarning[]): void {
  if (request.strict) refuseWarnings(warnings.filter(({ pointer }) => !isByDefault(pointer, request)));
}

/** Whether a warning is about what the caller has not asked for. */
function isByDefault(pointer: string, { reduction, sampling, confidence }: Asked): boolean {
  if (pointer === '#/sampling') return sampling === undefined && confidence === undefined;
  return pointer === '#/reduction' && reduction === undefined;
}

function refuseWarnings(warnings: readonly FoundWarning[]): void {
  const refusing = warnings.filter(({ severity }) => severity === 'warning');
  if (refusing.length === 0) return;
  const faults = refusing.map(({ pointer, code, message }) => ({
    pointer,
    code: 'STRICT_WARNINGS' as const,
    detail: `${code}: ${message}`,
  }));
  throw new RequestError(faults, faults.length, { warnings });
}
