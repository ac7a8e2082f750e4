import { RequestError } from '../errors/request-error.ts';

/** The position of a request's field in the body. If the field `isText`, its elements have no positions of their own. */
type BodyPlace = { readonly pointer: string; readonly isText?: boolean };

/** Positions in the body by the pointer of each field: the structure of a body may differ from that of a request. */
export type PointerMap = Readonly<Record<string, BodyPlace>>;

type Located = { readonly pointer: string; readonly code?: string };

/** Moves a pointer from the request to its body. Returns ignored fields unchanged: they already point into the body. */
export function mapPointer<One extends Located>(one: One, places: PointerMap): One {
  const steps = one.pointer.split('/');
  // a parameter stands deeper than its side, and in an input of its own
  const depth = [3, 2].find((length) => Object.hasOwn(places, steps.slice(0, length).join('/')));
  if (depth === undefined || one.code === 'IGNORED_PARAMETER') return one;
  const place = places[steps.slice(0, depth).join('/')];
  const rest = steps.slice(depth);
  return { ...one, pointer: place.isText ? place.pointer : [place.pointer, ...rest].join('/') };
}

/** Runs a step, and moves the pointers of its faults and warnings from the request to its body. @throws RequestError */
export function withPointers<T>(places: PointerMap, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw error instanceof RequestError ? mapPointers(error, places) : error;
  }
}

/** Moves the pointers of the faults and warnings of an error from the request to its body. */
export function mapPointers({ faults, count, extra, advice }: RequestError, places: PointerMap): RequestError {
  const move = <One extends Located>(one: One) => mapPointer(one, places);
  const moved = extra.warnings === undefined ? extra : { warnings: extra.warnings.map(move) };
  return new RequestError(faults.map(move), count, moved, advice);
}
