import { tensorNames } from '../../core/comparison.ts';
import { paddingId } from '../../core/outcomes/outcome-list.ts';
import { refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';
import type { ScannedTensor } from '../../kernels/number-scanner.ts';
import { type Contract, type ParsedRequest, parseRequest } from '../../schema/parse-request.ts';
import { areTensors } from '../../schema/sample-options.ts';
import { covers, type Domain } from '../../tensor/domain.ts';
import type { DivergenceRequest, Query, Reader } from '../divergence-request.ts';
import { domainFor, readOperands } from '../operands.ts';
import { type ReadSides, readSamples } from '../samples.ts';
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

/** Refuses options in the query of the URL: a caller who gives one there would believe that it counts. @throws RequestError INVALID_VALUE */
export function refuseQuery(query: Query): void {
  const [name] = Object.keys(query);
  if (name !== undefined) {
    throw refuse('INVALID_VALUE', '#', `the query of the URL has ${quote(name)}: the options of a JSON request are fields of its body`);
  }
}

/** The request whose options have been checked, with its tensors decoded. @throws RequestError the faults of the tensors */
export function requestOf(parsed: ParsedRequest, maxElements: number, numbers: ScannedTensors = noNumbers): DivergenceRequest {
  const read: ReadSides = {
    tensor: (name, rules) => decodeOperand(parsed[name], `#/${name}`, rules, (key) => numbers.get(`${name}${key}`)),
    samples: (name, rules) => decodeSamples(parsed[name], `#/${name}`, rules, numbers.get(name)?.tensor),
  };
  return requestWith(parsed, read, maxElements);
}

/** The request whose options have been checked, with what `read` returns for its tensors. @throws RequestError the faults of the tensors */
export function requestWith(parsed: ParsedRequest, read: ReadSides, maxElements: number): DivergenceRequest {
  const given = tensorNames.filter((name) => parsed[name] !== undefined);
  const operands = areTensors(parsed)
    ? readOperands(parsed, given, read.tensor, maxElements)
    : readSamples(parsed, given, read, maxElements);
  return { ...parsed, ...operands };
}

const noNumbers: ScannedTensors = new Map();

/** Whether all scanned numbers are in the domain of their kind. */
function canTake(parsed: ParsedRequest, tensors: ScannedTensors): boolean {
  const isIn = (key: string, domain: Domain) => {
    const scanned = tensors.get(key);
    return scanned === undefined || covers(domain, scanned.lowest, scanned.highest);
  };
  return tensorNames.every((name) => {
    const domain = domainFor(name, parsed);
    return isIn(name, domain) && isIn(`${name}.values`, domain) && areIds(tensors.get(`${name}.outcomes`));
  });
}

/** Whether scanned numbers may all be ids, but for fractions. */
function areIds(scanned: ScannedTensor | undefined): boolean {
  return scanned === undefined || (scanned.lowest >= paddingId && scanned.highest <= Number.MAX_SAFE_INTEGER);
}
