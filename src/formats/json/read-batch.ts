import type { ParameterTensor } from '../../core/closed-forms/parameters.ts';
import { sideNames, type TensorName, tensorNames } from '../../core/comparison.ts';
import { attempt, together } from '../../errors/fault-list.ts';
import { RequestError } from '../../errors/request-error.ts';
import { isObject } from '../../errors/wording.ts';
import type { ItemScanner, ScannedItems, ScannedList, ScannedSides } from '../../kernels/item-scanner.ts';
import type { BodyReader } from '../../memory/shared-body.ts';
import { arraysSoFar, freeArraysSince } from '../../memory/task-memory.ts';
import { maxItems } from '../../schema/batch.ts';
import {
  type BatchContract,
  checkId,
  type Defaults,
  hasOnlyTensors,
  type ItemId,
  idOf,
  ownDefaults,
  parseBatch,
  parseItem,
} from '../../schema/parse-batch.ts';
import { areParametric, areSamples, type Contract, type ParsedRequest } from '../../schema/parse-request.ts';
import { covers } from '../../tensor/domain.ts';
import { jsonNumber } from '../../tensor/json-number.ts';
import type { DivergenceRequest, Query } from '../divergence-request.ts';
import { pointerOf } from '../parameters.ts';
import type { ReadSides } from '../samples.ts';
import { fieldOf, jsonOfTensor } from '../with-tensors.ts';
import { decodeOperand } from './decode-list.ts';
import { decodeSamples } from './decode-samples.ts';
import { decodeTensor } from './decode-tensor.ts';
import { parseJson } from './parse-json.ts';
import { refuseQuery, requestWith } from './read-request.ts';
import { noSharedTensors, sharedTensors } from './shared-tensors.ts';
import { underflowsOfBatch, underflowsOfText } from './underflows.ts';
import { nest } from './write/encode-tensor.ts';

/**
 * One of many requests in a body, and the id that its caller gave it. Its tensors are decoded when it is read, so that few are in memory.
 */
export type Item = {
  readonly id: ItemId | undefined;
  /** @throws RequestError the faults of this request */
  readonly read: () => DivergenceRequest;
  /**
   * Of an item that is nothing but numbers of its own for one side or both, and those of `defaults` for the other: its own. Absent where
   * the items together might use more elements of `defaults` than they may.
   */
  readonly numbers?: ScannedSides | undefined;
  /** The tensors that it has from `defaults`. */
  readonly shared?: readonly TensorName[];
};

/**
 * The requests of a batch. With a scanner, numbers go from the bytes straight into float64.
 * @throws RequestError for what is wrong with the batch itself
 */
export function readBatch(contract: BatchContract, body: BodyReader, query: Query, maxElements: number, scanItems?: ItemScanner): Item[] {
  refuseQuery(query);
  body.waitFor(body.bytes.length);
  const arrays = arraysSoFar();
  const scanned = scanItems?.(body.bytes, maxItems);
  const found = scanned && attempt(() => itemsOf(contract, scanned.envelope, maxElements, scanned));
  if (found !== undefined && !(found instanceof RequestError)) return found;
  // only JSON.parse knows what is wrong with a text, and where
  freeArraysSince(arrays);
  return itemsOf(contract, body.bytes, maxElements);
}

function itemsOf(contract: BatchContract, text: Buffer, maxElements: number, { sides = [], taken }: Partial<ScannedItems> = {}): Item[] {
  const underflows = underflowsOfBatch();
  const value = parseJson(text, maxElements, { taken, noteUnderflow: underflows.note });
  underflows.throwIfAny();
  const { defaults, items } = parseBatch(value, contract);
  const names = tensorNames.filter((name) => defaults[name] !== undefined);
  const context = { contract, defaults, names, shared: sharedTensors(defaults, maxElements), mostEach: maxElements / items.length };
  return items.map((item, index) => {
    const underflow = attempt(() => underflows.throwIfItemHasAny(index));
    return underflow ? refusedItem(underflow, idOf(item)) : itemOf(item, context, maxElements, sides[index]);
  });
}

/** Returns a reader of the request that is a line of text. */
export function lineReader(contract: BatchContract): (line: Buffer, maxElements: number) => Item {
  const context = { contract, defaults: ownDefaults(contract), names: [], shared: noSharedTensors, mostEach: 0 };
  return (line, maxElements) => {
    const underflows = underflowsOfText();
    const value = attempt(() => parseJson(line, maxElements, { noteUnderflow: underflows.note }));
    if (value instanceof RequestError) return refusedItem(value);
    const underflow = attempt(underflows.throwIfAny);
    return underflow ? refusedItem(underflow, idOf(value)) : itemOf(value, context, maxElements);
  };
}

/** What an item gets from its batch, with the `names` of shared tensors. Each item may use at most `mostEach` elements of one. */
type ItemContext = {
  readonly contract: Contract;
  readonly defaults: Defaults;
  readonly names: readonly TensorName[];
  readonly shared: ReadSides;
  readonly mostEach: number;
};

function itemOf(value: unknown, context: ItemContext, maxElements: number, scanned?: ScannedSides): Item {
  const { contract, defaults } = context;
  const idFault = attempt(() => checkId(value));
  if (idFault !== undefined)
    return refusedItem(
      together(
        idFault,
        attempt(() => parseItem(value, defaults, contract)),
      ),
    );
  const numbers = scanned && numbersOf(value, context, scanned);
  const { names } = context;
  const shared = names.length === 0 || !isObject(value) ? [] : names.filter((name) => !Object.hasOwn(value, name));
  return { id: idOf(value), read: () => readItem(value, context, maxElements, scanned), numbers, shared };
}

function numbersOf(value: unknown, { defaults, mostEach }: ItemContext, scanned: ScannedSides): ScannedSides | undefined {
  if (!isObject(value) || !hasOnlyTensors(value) || Object.hasOwn(value, 'weights') || defaults.weights !== undefined) return undefined;
  for (const name of sideNames) {
    const list = scanned[name];
    if (list === undefined ? Object.hasOwn(value, name) || defaults[name] === undefined : list.tensor.data.length > mostEach)
      return undefined;
  }
  return scanned;
}

function readItem(value: unknown, { contract, defaults, shared }: ItemContext, maxElements: number, scanned: ScannedSides = {}) {
  const sent = parseItem(value, defaults, contract);
  const isTensors = !areSamples(sent) && !areParametric(sent);
  const parsed = isTensors ? sent : withLists(sent, scanned);
  const isShared = (name: TensorName | ParameterTensor) => parsed[fieldOf(name)] === defaults[fieldOf(name)];
  const read: ReadSides = {
    tensor: (name, rules) => {
      if (isShared(name)) return shared.tensor(name, rules);
      const list = isTensors && (name === 'input' || name === 'target') ? scanned[name] : undefined;
      if (list === undefined) return decodeOperand(jsonOfTensor(parsed, name), pointerOf(name), rules);
      if (covers(rules.domain, list.lowest, list.highest)) return decodeTensor([], pointerOf(name), rules, list.tensor);
      return decodeTensor(listsOf(list), pointerOf(name), rules);
    },
    samples: (name, rules) => (isShared(name) ? shared.samples(name, rules) : decodeSamples(parsed[name], pointerOf(name), rules)),
  };
  return requestWith(parsed, read, maxElements);
}

/** The request with the lists that were scanned, as they were sent. */
function withLists(parsed: ParsedRequest, { input, target }: ScannedSides): ParsedRequest {
  return { ...parsed, ...(input && { input: listsOf(input) }), ...(target && { target: listsOf(target) }) };
}

/** The lists that JSON.parse makes of what was scanned. */
function listsOf({ tensor }: ScannedList): unknown {
  return nest(tensor.data, tensor.shape, jsonNumber);
}

function refusedItem(error: RequestError, id?: ItemId): Item {
  return {
    id,
    read: () => {
      throw error;
    },
  };
}
