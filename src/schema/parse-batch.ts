import type { z } from 'zod';
import { type TensorName, tensorNames } from '../core/comparison.ts';
import { refuse } from '../errors/request-error.ts';
import { describeValue, isObject } from '../errors/wording.ts';
import { klBatchEnvelope, longestId, maxItems } from './batch.ts';
import { parse, refuseListOrText, refuseLongLists } from './parse.ts';
import {
  type AskedDivergences,
  type Contract,
  completeOptions,
  klContract,
  listOptions,
  type Options,
  type ParsedRequest,
  parseRequest,
  unknownFieldHint,
} from './parse-request.ts';

/** What requests have that set none themselves: the options and tensors of `defaults`, with the service's own filled in. */
export type Defaults = z.infer<typeof klBatchEnvelope>['defaults'] & AskedDivergences;

type Batch = { readonly defaults: Defaults; readonly items: readonly unknown[] };

/** What a body of many requests may hold. */
export type BatchContract = Contract & { readonly envelope: z.ZodType<Batch> };

export const klBatchContract: BatchContract = { ...klContract, envelope: klBatchEnvelope };

/**
 * Checks the envelope and the defaults of a batch. `parseItem` checks the items one by one.
 * @throws RequestError UNKNOWN_FIELD, INVALID_VALUE, TOO_MANY_ITEMS
 */
export function parseBatch(body: unknown, { envelope, fields }: BatchContract): Batch {
  refuseListOrText(body, 'send it as {"items": […]}');
  if (isObject(body)) {
    const { items, defaults } = body;
    if (Array.isArray(items) && items.length > maxItems) {
      throw refuse(
        'TOO_MANY_ITEMS',
        '#/items',
        `expected at most ${maxItems} requests, got ${items.length}; application/x-ndjson has no limit`,
      );
    }
    refuseLongLists(defaults, listOptions, '#/defaults');
  }
  return parse(envelope, body, [], (key, pointer) => hint(key, pointer, fields));
}

/** The defaults of the service. */
export function ownDefaults(contract: BatchContract): Defaults {
  return parseBatch({ items: [{}] }, contract).defaults;
}

const envelopeFields = ['defaults', 'items'];

function hint(key: string, pointer: string, requestFields: readonly string[]): string {
  if (pointer === '#/defaults') return unknownFieldHint(key, requestFields);
  if ((tensorNames as readonly string[]).includes(key)) {
    return `it belongs into an entry of items, or into defaults if they share it: {"items": [{"input": …, "target": …}]}`;
  }
  return requestFields.includes(key) ? 'options of all items belong into defaults' : unknownFieldHint(key, envelopeFields);
}

export type ItemId = string | number;

/**
 * The request that an item is, with the defaults of its batch.
 * @throws RequestError UNKNOWN_FIELD, INVALID_VALUE
 */
export function parseItem(item: unknown, defaults: Defaults, contract: Contract): ParsedRequest {
  if (!isObject(item)) return parseRequest(item, contract);
  // zod takes longer than the divergence of a small item: where there are only tensors, there is nothing to check
  if (hasOnlyTensors(item)) {
    const input = tensorOf('input', item, defaults);
    const target = tensorOf('target', item, defaults);
    const weights = tensorOf('weights', item, defaults);
    if (input !== undefined && target !== undefined) return { ...checkedDefaults(defaults, contract), input, target, weights };
  }
  const { id: _, ...request } = item;
  return parseRequest({ ...defaults, ...request }, contract);
}

const completeDefaults = new WeakMap<Defaults, Options>();

/** The defaults as options that go together, checked once for all items. @throws RequestError as `completeOptions` */
function checkedDefaults(defaults: Defaults, contract: Contract): Options {
  const known = completeDefaults.get(defaults) ?? completeOptions(defaults, contract);
  completeDefaults.set(defaults, known);
  return known;
}

/** Returns the id of an item; undefined if it has none, or an invalid one. */
export function idOf(item: unknown): ItemId | undefined {
  if (!isObject(item) || !Object.hasOwn(item, 'id')) return undefined;
  const { id } = item;
  // characters as JSON Schema counts them: code points, each of one or two units
  if (typeof id === 'string' && (id.length <= longestId || (id.length <= 2 * longestId && [...id].length <= longestId))) return id;
  // a larger number may not be the one that was sent
  if (typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER) return id;
  return undefined;
}

/** @throws RequestError INVALID_VALUE for a name that cannot come back as it was sent */
export function checkId(item: unknown): void {
  if (!isObject(item) || !Object.hasOwn(item, 'id') || idOf(item) !== undefined) return;
  const { id } = item;
  const got = typeof id === 'string' ? 'a longer text' : describeValue(id);
  throw refuse('INVALID_VALUE', '#/id', `expected text of at most ${longestId} characters, or a number of at most 2^53 - 1, got ${got}`);
}

/** Whether an item has tensors and a name, and no options. */
export function hasOnlyTensors(item: Readonly<Record<string, unknown>>): boolean {
  for (const key in item) if (!(tensorNames as readonly string[]).includes(key) && key !== 'id') return false;
  return true;
}

/** A tensor of an item, or that of `defaults` where it has none itself. */
function tensorOf(name: TensorName, item: Readonly<Record<string, unknown>>, defaults: Defaults): unknown {
  return Object.hasOwn(item, name) ? item[name] : defaults[name];
}
