import { RequestError } from '../errors.ts';

/**
 * Where the fields of a request stand in the body that it was read from, by the pointer of each: a body may have another structure
 * than a request has.
 */
export type Places = Readonly<Record<string, string>>;

/** A pointer into a request as one into its body. */
export function placed(pointer: string, places: Places): string {
  const [hash, field, ...rest] = pointer.split('/');
  const place = places[`${hash}/${field}`];
  return place === undefined ? pointer : [place, ...rest].join('/');
}

/** Runs a step whose faults point into a request; they come out pointing into its body. @throws RequestError */
export function atPlaces<T>(places: Places, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { faults, count, extra } = error;
    const move = <Located extends { readonly pointer: string }>(one: Located) => ({ ...one, pointer: placed(one.pointer, places) });
    throw new RequestError(faults.map(move), count, extra.warnings === undefined ? extra : { warnings: extra.warnings.map(move) });
  }
}
