import { refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';
import { areSamples, type Contract, type ParsedRequest, parseRequest } from '../../schema/parse-request.ts';
import type { DivergenceRequest, Query, Reader } from '../divergence-request.ts';
import { pointerOf } from '../parameters.ts';
import type { ReadSides } from '../samples.ts';
import { admits, jsonOfTensor, tensorNamesIn, withTensors } from '../with-tensors.ts';
import { decodeOperand } from './decode-list.ts';
import { decodeSamples } from './decode-samples.ts';
import { numbersOfRequest, type ScannedTensors, scanJson } from './extract-tensors.ts';
import { parseJson } from './parse-json.ts';

/** Returns a reader of JSON bodies. JSON.parse reads what the scanner cannot read, and what is to be refused for its numbers. */
export const jsonReader =
  (contract: Contract): Reader =>
  (body, query, maxElements, scanTensor) => {
    refuseQuery(query);
    const scanned = scanTensor && scanJson(body, scanTensor, maxElements, numbersOfRequest);
    if (scanned !== undefined) {
      const parsed = parseRequest(scanned.value, contract);
      if (canTake(parsed, scanned.tensors)) return requestOf(parsed, maxElements, scanned.tensors);
    }
    body.waitFor(body.bytes.length);
    return requestOf(parseRequest(parseJson(body.bytes, maxElements), contract), maxElements);
  };

/**
 * Refuses options in the query of the URL: a caller who gives one there would believe that it counts.
 * @throws RequestError INVALID_VALUE
 */
export function refuseQuery(query: Query): void {
  const [name] = Object.keys(query);
  if (name !== undefined) {
    throw refuse('INVALID_VALUE', '#', `the query of the URL has ${quote(name)}: the options of a JSON request are fields of its body`);
  }
}

/** The request whose options have been checked, with its tensors decoded. @throws RequestError the faults of the tensors */
export function requestOf(parsed: ParsedRequest, maxElements: number, numbers: ScannedTensors = noNumbers): DivergenceRequest {
  const read: ReadSides = {
    tensor: (name, rules) => decodeOperand(jsonOfTensor(parsed, name), pointerOf(name), rules, (key) => numbers.get(`${name}${key}`)),
    samples: (name, rules) => decodeSamples(parsed[name], pointerOf(name), rules, numbers.get(name)),
  };
  return requestWith(parsed, read, maxElements);
}

/** The request whose options have been checked, with what `read` returns for its tensors. @throws RequestError the faults of the tensors */
export function requestWith(parsed: ParsedRequest, read: ReadSides, maxElements: number): DivergenceRequest {
  return withTensors(parsed, { given: tensorNamesIn(parsed), read, maxElements });
}

const noNumbers: ScannedTensors = new Map();

/** Whether all scanned numbers are in the domain of their kind, and only lists of outcomes and samples in rows of different lengths. */
function canTake(parsed: ParsedRequest, tensors: ScannedTensors): boolean {
  return tensors.entries().every(([name, { lowest, highest, lengths }]) => {
    const isTensor = (name === 'input' || name === 'target') && !(areSamples(parsed) && parsed.estimator !== 'knn');
    return admits(String(name), parsed, lowest, highest) && !(isTensor && lengths !== undefined);
  });
}
