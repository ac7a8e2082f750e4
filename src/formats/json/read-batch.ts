import type { ParameterTensor } from '../../core/closed-forms/parameters.ts';
import type { TensorName } from '../../core/comparison.ts';
import { attempt, together } from '../../errors/fault-list.ts';
import { RequestError } from '../../errors/request-error.ts';
import type { BodyReader } from '../../memory/shared-body.ts';
import {
  type BatchContract,
  checkId,
  type Defaults,
  type ItemId,
  idOf,
  ownDefaults,
  parseBatch,
  parseItem,
} from '../../schema/parse-batch.ts';
import type { Contract } from '../../schema/parse-request.ts';
import type { DivergenceRequest, Query } from '../divergence-request.ts';
import { pointerOf } from '../parameters.ts';
import type { ReadSides } from '../samples.ts';
import { fieldOf, jsonOfTensor } from '../with-tensors.ts';
import { decodeOperand } from './decode-list.ts';
import { decodeSamples } from './decode-samples.ts';
import { parseJson } from './parse-json.ts';
import { refuseQuery, requestWith } from './read-request.ts';
import { noSharedTensors, sharedTensors } from './shared-tensors.ts';

/** One of many requests in a body, and the id that its caller gave it. Its tensors are decoded when it is read, so that few are in memory. */
export type Item = {
  readonly id: ItemId | undefined;
  /** @throws RequestError the faults of this request */
  readonly read: () => DivergenceRequest;
};

/** The requests of a batch. @throws RequestError for what is wrong with the batch itself */
export function readBatch(contract: BatchContract, body: BodyReader, query: Query, maxElements: number): Item[] {
  refuseQuery(query);
  body.waitFor(body.bytes.length);
  const { defaults, items } = parseBatch(parseJson(body.bytes, maxElements), contract);
  const shared = sharedTensors(defaults, maxElements);
  return items.map((item) => itemOf(item, { contract, defaults, shared }, maxElements));
}

/** Returns a reader of the request that is a line of text. */
export function lineReader(contract: BatchContract): (line: Buffer, maxElements: number) => Item {
  const context = { contract, defaults: ownDefaults(contract), shared: noSharedTensors };
  return (line, maxElements) => {
    const value = attempt(() => parseJson(line, maxElements));
    return value instanceof RequestError ? refusedItem(value) : itemOf(value, context, maxElements);
  };
}

/** What an item stands in. */
type ItemContext = { readonly contract: Contract; readonly defaults: Defaults; readonly shared: ReadSides };

function itemOf(value: unknown, { contract, defaults, shared }: ItemContext, maxElements: number): Item {
  const idFault = attempt(() => checkId(value));
  if (idFault !== undefined)
    return refusedItem(
      together(
        idFault,
        attempt(() => parseItem(value, defaults, contract)),
      ),
    );
  const readItem = () => {
    const parsed = parseItem(value, defaults, contract);
    const isShared = (name: TensorName | ParameterTensor) => parsed[fieldOf(name)] === defaults[fieldOf(name)];
    const read: ReadSides = {
      tensor: (name, rules) =>
        isShared(name) ? shared.tensor(name, rules) : decodeOperand(jsonOfTensor(parsed, name), pointerOf(name), rules),
      samples: (name, rules) => (isShared(name) ? shared.samples(name, rules) : decodeSamples(parsed[name], pointerOf(name), rules)),
    };
    return requestWith(parsed, read, maxElements);
  };
  return { id: idOf(value), read: readItem };
}

function refusedItem(error: RequestError): Item {
  return {
    id: undefined,
    read: () => {
      throw error;
    },
  };
}
