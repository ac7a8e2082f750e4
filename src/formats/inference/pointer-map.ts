import { RequestError } from '../../errors/request-error.ts';

/** Where a field of a request stands in the body that it was read from; a text, of which nothing has a place of its own. */
type BodyPlace = { readonly pointer: string; readonly isText?: boolean };

/** The places of a request's fields, by the pointer of each: a body may have another structure than a request has. */
export type PointerMap = Readonly<Record<string, BodyPlace>>;

type Located = { readonly pointer: string; readonly code?: string };

/** What points into a request, pointing into its body. What was ignored was never part of the request, and is left as it is. */
export function mapPointer<One extends Located>(one: One, places: PointerMap): One {
  const [hash, field, ...rest] = one.pointer.split('/');
  const place = places[`${hash}/${field}`];
  if (place === undefined || one.code === 'IGNORED_PARAMETER') return one;
  return { ...one, pointer: place.isText ? place.pointer : [place.pointer, ...rest].join('/') };
}

/** Runs a step whose faults point into a request; they come out pointing into its body. @throws RequestError */
export function withPointers<T>(places: PointerMap, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { faults, count, extra, advice } = error;
    const move = <One extends Located>(one: One) => mapPointer(one, places);
    const moved = extra.warnings === undefined ? extra : { warnings: extra.warnings.map(move) };
    throw new RequestError(faults.map(move), count, moved, advice);
  }
}
