import { attempt, together } from '../errors/fault-list.ts';
import { RequestError } from '../errors/request-error.ts';
import type { BodyReader } from '../memory/shared-body.ts';
import { checkId, type ItemId, idOf, type Options, ownDefaults, parseBatch, parseItem } from '../schema/parse-batch.ts';
import type { ParsedRequest } from '../schema/parse-request.ts';
import { parseJson } from './json/parse-json.ts';
import { type Query, refuseQuery } from './read-request.ts';

/** One of many requests in a body: what its caller calls it, and the request, or why it is none. */
export type Item = { readonly id: ItemId | undefined; readonly request: ParsedRequest | RequestError };

/** The requests of a batch. @throws RequestError for what is wrong with the batch itself */
export function readBatch(body: BodyReader, query: Query, maxElements: number): Item[] {
  refuseQuery(query);
  body.waitFor(body.bytes.length);
  const { defaults, items } = parseBatch(parseJson(body.bytes, maxElements));
  return items.map((item) => itemOf(item, defaults));
}

/** The request that is a line of text. */
export function readLine(line: Buffer, maxElements: number): Item {
  const value = attempt(() => parseJson(line, maxElements));
  return value instanceof RequestError ? { id: undefined, request: value } : itemOf(value, ownDefaults);
}

function itemOf(value: unknown, defaults: Options): Item {
  const named = attempt(() => checkId(value));
  const request = attempt(() => parseItem(value, defaults));
  if (named === undefined) return { id: idOf(value), request };
  return { id: undefined, request: together(named, request) };
}
