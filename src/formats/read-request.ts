import { kinds } from '../core/kinds.ts';
import { RequestError, refuse } from '../errors/request-error.ts';
import { quote } from '../errors/wording.ts';
import type { NumberScanner, ScannedTensor } from '../kernels/number-scanner.ts';
import type { BodyReader } from '../memory/shared-body.ts';
import { type ParsedRequest, parseRequest } from '../schema/parse-request.ts';
import { parseTextOptions } from '../schema/query.ts';
import { covers } from '../tensor/domain.ts';
import { numbersOfRequest, type ScannedText, scanNumbers } from './json/extract-tensors.ts';
import { parseJson } from './json/parse-json.ts';
import { readSafetensors } from './safetensors/read.ts';

export type Query = Readonly<Record<string, unknown>>;

/** How a body becomes a request. @throws RequestError, Unread */
export type Reader = (body: BodyReader, query: Query, maxElements: number, scanTensor?: NumberScanner) => ParsedRequest;

/**
 * With a scanner, the numbers go from the bytes straight into float64. What it does not read, and what is to be refused, is read by
 * JSON.parse: only its account of what is wrong, and where, counts.
 */
export function readJson(body: BodyReader, query: Query, maxElements: number, scanTensor?: NumberScanner): ParsedRequest {
  refuseQuery(query);
  const scanned = scanTensor === undefined ? undefined : scanNumbers(body, scanTensor, maxElements, numbersOfRequest);
  const request = scanned === undefined ? undefined : requestOf(scanned, maxElements);
  if (request !== undefined) return request;
  body.waitFor(body.bytes.length);
  return parseRequest(parseJson(body.bytes, maxElements));
}

// a caller who gives an option here would believe that it counts
export function refuseQuery(query: Query): void {
  const [name] = Object.keys(query);
  if (name !== undefined) {
    throw refuse('INVALID_VALUE', '#', `the query of the URL has ${quote(name)}: the options of a JSON request are fields of its body`);
  }
}

/** The options of a safetensors body stand in the query. */
export function readSafetensorsBody(body: BodyReader, query: Query, maxElements: number): ParsedRequest {
  body.waitFor(body.bytes.length);
  const { input, target } = readSafetensors(body.bytes, maxElements);
  const nested = { form: 'nested' } as const;
  return parseRequest({ ...parseTextOptions(query), input: { ...input, ...nested }, target: { ...target, ...nested } });
}

/** The request that was scanned; undefined where it is not JSON, or a number is not one of its kind. */
function requestOf({ envelope, tensors }: ScannedText, maxElements: number): ParsedRequest | undefined {
  const body = parsed(envelope, maxElements);
  if (body === undefined) return undefined;
  const request = parseRequest(body);
  const input = withNumbers(request.input, tensors.get('input'), request.input_kind);
  const target = withNumbers(request.target, tensors.get('target'), request.target_kind);
  return input === undefined || target === undefined ? undefined : { ...request, input, target };
}

function parsed(envelope: Buffer, maxElements: number): unknown {
  try {
    return parseJson(envelope, maxElements);
  } catch (error) {
    if (error instanceof RequestError) return undefined;
    throw error;
  }
}

/** A tensor with its numbers in the place of the empty list that stood for them. */
function withNumbers(value: unknown, scanned: ScannedTensor | undefined, kind: keyof typeof kinds): unknown {
  if (scanned === undefined) return value;
  const { tensor, lowest, highest } = scanned;
  if (!covers(kinds[kind].domain, lowest, highest)) return undefined;
  if (Array.isArray(value)) return { form: 'nested', ...tensor, isChecked: true };
  const holdsList = typeof value === 'object' && value !== null && 'data' in value && Array.isArray(value.data);
  return holdsList && tensor.shape.length === 1 ? { ...value, data: tensor.data } : undefined;
}
