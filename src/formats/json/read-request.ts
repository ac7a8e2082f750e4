import { type TensorName, tensorNames } from '../../core/comparison.ts';
import { attempt } from '../../errors/fault-list.ts';
import { RequestError, refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';
import type { ScannedTensor } from '../../kernels/number-scanner.ts';
import { type ParsedRequest, parseRequest } from '../../schema/parse-request.ts';
import { covers, type Domain } from '../../tensor/domain.ts';
import type { DivergenceRequest, Query, Reader } from '../divergence-request.ts';
import { domainFor, type ReadTensor, readOperands } from '../operands.ts';
import { decodeTensor } from './decode-tensor.ts';
import { numbersOfRequest, type ScannedText, scanNumbers } from './extract-tensors.ts';
import { parseJson } from './parse-json.ts';

/**
 * Reads a JSON body. Where the scanner cannot read it, or something is to be refused, JSON.parse reads it: only JSON.parse knows what is
 * wrong with a text, and where.
 */
export const readJson: Reader = (body, query, maxElements, scanTensor) => {
  refuseQuery(query);
  const scanned = scanTensor === undefined ? undefined : scanNumbers(body, scanTensor, maxElements, numbersOfRequest);
  const request = scanned === undefined ? undefined : scannedRequest(scanned, maxElements);
  if (request !== undefined) return request;
  body.waitFor(body.bytes.length);
  return requestOf(parseRequest(parseJson(body.bytes, maxElements)), maxElements);
};

/** Refuses options in the query of the URL: a caller who gives one there would believe that it counts. @throws RequestError INVALID_VALUE */
export function refuseQuery(query: Query): void {
  const [name] = Object.keys(query);
  if (name !== undefined) {
    throw refuse('INVALID_VALUE', '#', `the query of the URL has ${quote(name)}: the options of a JSON request are fields of its body`);
  }
}

/** The request whose options have been checked, with its tensors decoded. @throws RequestError the faults of the tensors */
export function requestOf(parsed: ParsedRequest, maxElements: number, numbers: ScannedText['tensors'] = noNumbers): DivergenceRequest {
  const read: ReadTensor = (name, rules) => decodeTensor(parsed[name], `#/${name}`, { ...rules, maxElements }, numbers.get(name)?.tensor);
  return { ...parsed, ...readOperands(parsed, givenTensors(parsed), read) };
}

function givenTensors(parsed: ParsedRequest): TensorName[] {
  return tensorNames.filter((name) => parsed[name] !== undefined);
}

const noNumbers: ScannedText['tensors'] = new Map();

/** The request that was scanned. Undefined where its text is not JSON, or JSON.parse must say what is wrong with its numbers. */
function scannedRequest({ envelope, tensors }: ScannedText, maxElements: number): DivergenceRequest | undefined {
  const body = attempt(() => parseJson(envelope, maxElements));
  if (body instanceof RequestError) return undefined;
  const request = parseRequest(body);
  const fits = (name: TensorName) => canTake(request[name], tensors.get(name), domainFor(name, request));
  return tensorNames.every(fits) ? requestOf(request, maxElements, tensors) : undefined;
}

/** Whether scanned numbers are of a domain and still belong where an empty list stands for them: a later field may have replaced it. */
function canTake(value: unknown, scanned: ScannedTensor | undefined, domain: Domain): boolean {
  if (scanned === undefined) return true;
  const { tensor, lowest, highest } = scanned;
  if (!covers(domain, lowest, highest)) return false;
  if (Array.isArray(value)) return true;
  const holdsList = typeof value === 'object' && value !== null && 'data' in value && Array.isArray(value.data);
  return holdsList && tensor.shape.length === 1;
}
