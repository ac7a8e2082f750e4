import { type ReductionName, reductions, selectReductions } from '../../core/reductions.ts';
import { attempt } from '../../errors/fault-list.ts';
import { RequestError, refuse } from '../../errors/request-error.ts';
import { appendPointer } from '../../errors/wording.ts';
import type { NumberScanner } from '../../kernels/number-scanner.ts';
import type { BodyReader } from '../../memory/shared-body.ts';
import { ignoredFields } from '../../schema/ignored-fields.ts';
import { type InferenceRequest, type OutputName, parseInference } from '../../schema/inference.ts';
import { type ParsedRequest, parseRequest } from '../../schema/parse-request.ts';
import { parseTextOptions } from '../../schema/query.ts';
import { requestFields } from '../../schema/request.ts';
import type { IgnoredField } from '../../warnings/warning.ts';
import { numbersOfInference, type ScannedText, scanNumbers } from '../json/extract-tensors.ts';
import { parseJson } from '../json/parse-json.ts';
import { type PointerMap, withPointers } from './pointer-map.ts';
import { readInferenceTensors } from './read-tensors.ts';
import { splitBody } from './split-binary.ts';

/** A request as the Open Inference Protocol puts it. */
export type Inference = {
  readonly id: string | undefined;
  readonly request: ParsedRequest & { readonly ignored: readonly IgnoredField[] };
  readonly outputs: readonly Output[];
  /** What the output `output` holds: one reduction, or several that are numbers. */
  readonly followed: readonly ReductionName[];
  /** For how many microseconds an answer is waited for. */
  readonly timeout: number | undefined;
  /** Where the fields of `request` stand in the body. */
  readonly pointers: PointerMap;
};

type Output = { readonly name: OutputName; readonly isBinary: boolean };

const options = requestFields.filter((name) => name !== 'input' && name !== 'target');

/**
 * Reads the body of an inference request: JSON, behind which the bytes of tensors lie where `headerLength` says how long the JSON is.
 * With a scanner, numbers in JSON go from the bytes straight into float64.
 * @throws RequestError INVALID_JSON, INVALID_BINARY_TENSORS, INVALID_VALUE, or the faults of the options and tensors
 */
export function readInference(
  body: BodyReader,
  headerLength: string | undefined,
  maxElements: number,
  scanTensor?: NumberScanner,
): Inference {
  const canScan = headerLength === undefined && scanTensor !== undefined;
  const scanned = canScan ? scanNumbers(body, scanTensor, maxElements, numbersOfInference) : undefined;
  if (scanned !== undefined) {
    const inference = attempt(() => inferenceOf(scanned.envelope, nothing, scanned.tensors, maxElements));
    // what is to be refused is read again: only JSON.parse's account of what is wrong, and where, counts
    if (!(inference instanceof RequestError)) return inference;
  }
  body.waitFor(body.bytes.length);
  const { json, binary } = splitBody(body.bytes, headerLength);
  const inference = attempt(() => inferenceOf(json, binary, new Map(), maxElements));
  if (!(inference instanceof RequestError)) return inference;
  const isLengthMissing = inference.code === 'INVALID_JSON' && headerLength === undefined && json.includes('"binary_data_size"');
  throw isLengthMissing ? lengthMissing() : inference;
}

const nothing = new Uint8Array(0);

/** @param numbers those that have been read already, by the index of their input */
function inferenceOf(json: Buffer, binary: Uint8Array, numbers: ScannedText['tensors'], maxElements: number): Inference {
  const body = parseInference(parseJson(json, maxElements, { bareNumbers: true }));
  const { id, parameters = {} } = body;
  const outputs = outputsOf(body);
  const named = outputs.map(({ name }) => name).filter((name) => name !== 'output');
  const places = pointersOf(body);
  const ignored = ignoredFields(body);

  const given = Object.fromEntries(options.filter((name) => Object.hasOwn(parameters, name)).map((name) => [name, parameters[name]]));
  // the tensors are read when their kinds are known
  const parsed = withPointers(places, () => parseRequest({ ...parseTextOptions(given), input: null, target: null }));
  const followed = named.length < outputs.length ? followedReductions(parsed) : [];
  if (followed.length === 0 && Object.hasOwn(given, 'reduction')) {
    ignored.push({ pointer: '#/parameters/reduction', hint: 'the outputs are asked for by name' });
  }
  const tensors = readInferenceTensors(body, { binary, numbers }, parsed, maxElements);
  const request = { ...parsed, ...tensors, reduction: [...named, ...followed], ignored };
  // 0 is the protocol's way to say none
  const timeout = parameters.timeout === 0 ? undefined : parameters.timeout;
  const whereAsked = named.length > 0 ? { '#/reduction': { pointer: '#/outputs' } } : {};
  return { id, request, outputs, followed, timeout, pointers: { ...places, ...whereAsked } };
}

function lengthMissing() {
  const detail =
    'the body speaks of a binary_data_size and does not end with its JSON, but there is no header Inference-Header-Content-Length to say where their bytes begin';
  return refuse('INVALID_BINARY_TENSORS', '#', detail);
}

/** What is asked for; `output` where nothing is. @throws RequestError INVALID_VALUE for an output that is asked for twice */
function outputsOf({ outputs = [], parameters }: InferenceRequest): Output[] {
  const isBinary = parameters?.binary_data_output ?? false;
  if (outputs.length === 0) return [{ name: 'output', isBinary }];
  for (const [index, { name }] of outputs.entries()) {
    if (outputs.findIndex((other) => other.name === name) < index) {
      throw refuse('INVALID_VALUE', `#/outputs/${index}/name`, `the output ${name} is in the list already`);
    }
  }
  return outputs.map(({ name, parameters }) => ({ name, isBinary: parameters?.binary_data ?? isBinary }));
}

/** @throws RequestError INVALID_VALUE where they do not fit into one tensor */
function followedReductions({ reduction }: ParsedRequest): readonly ReductionName[] {
  const names = selectReductions(reduction);
  if (names.length > 1 && names.some((name) => 'tensor' in reductions[name])) {
    const detail = `output holds one tensor, or several numbers; ask for ${names.join(', ')} as outputs of these names`;
    throw refuse('INVALID_VALUE', '#/parameters/reduction', detail);
  }
  return names;
}

function pointersOf({ inputs, parameters = {} }: InferenceRequest): PointerMap {
  const ofOption = (name: string) => ({ pointer: appendPointer('#/parameters', name), isText: typeof parameters[name] === 'string' });
  return {
    ...Object.fromEntries(options.map((name) => [`#/${name}`, ofOption(name)])),
    ...Object.fromEntries(inputs.map(({ name }, index) => [`#/${name}`, { pointer: `#/inputs/${index}` }])),
  };
}
