import { type ReductionName, reductions, selectReductions } from '../../core/reductions.ts';
import { attempt } from '../../errors/fault-list.ts';
import { RequestError, refuse } from '../../errors/request-error.ts';
import { appendPointer } from '../../errors/wording.ts';
import type { NumberScanner } from '../../kernels/number-scanner.ts';
import type { BodyReader } from '../../memory/shared-body.ts';
import { ignoredFields } from '../../schema/ignored-fields.ts';
import { type InferenceRequest, type OutputName, parseInference } from '../../schema/inference.ts';
import { type Options, parseOptions } from '../../schema/parse-request.ts';
import { parseTextOptions } from '../../schema/query.ts';
import { requestFields } from '../../schema/request.ts';
import type { IgnoredField } from '../../warnings/warning.ts';
import type { DivergenceRequest } from '../divergence-request.ts';
import { numbersOfInference, type ScannedText, scanNumbers } from '../json/extract-tensors.ts';
import { parseJson } from '../json/parse-json.ts';
import { checkElements } from '../operands.ts';
import { type PointerMap, withPointers } from './pointer-map.ts';
import { binaryInputs, canTakeScanned, readInferenceOperands } from './read-tensors.ts';
import { splitBody } from './split-binary.ts';

/** A request as the Open Inference Protocol puts it. */
export type Inference = {
  readonly id: string | undefined;
  readonly request: DivergenceRequest;
  readonly outputs: readonly Output[];
  /** What the output `output` holds: one reduction, or several that are numbers. */
  readonly followed: readonly ReductionName[];
  /** For how many microseconds an answer is waited for. */
  readonly timeout: number | undefined;
  /** Where the fields of `request` stand in the body. */
  readonly pointers: PointerMap;
};

type Output = { readonly name: OutputName; readonly isBinary: boolean };

const optionNames = requestFields.filter((name) => name !== 'input' && name !== 'target');

/**
 * Reads the body of an inference request: JSON, behind which the bytes of tensors lie where `headerLength` says how long the JSON is.
 * With a scanner, numbers in JSON go from the bytes straight into float64; JSON.parse reads what the scanner cannot, and what is to be
 * refused for its numbers.
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
  const inference = scanned === undefined ? undefined : scannedInference(scanned, maxElements);
  if (inference !== undefined) return inference;
  body.waitFor(body.bytes.length);
  const { json, binary } = splitBody(body.bytes, headerLength);
  const value = attempt(() => parseJson(json, maxElements, { bareNumbers: true }));
  if (!(value instanceof RequestError)) return inferenceOf(parseEnvelope(value), binary, noNumbers, maxElements);
  const isLengthMissing = value.code === 'INVALID_JSON' && headerLength === undefined && json.includes('"binary_data_size"');
  throw isLengthMissing ? lengthMissing() : value;
}

const noNumbers: ScannedText['tensors'] = new Map();

/** The request that was scanned. Undefined where its text is not JSON, or JSON.parse must say what is wrong with its numbers. */
function scannedInference({ envelope, tensors }: ScannedText, maxElements: number): Inference | undefined {
  const value = attempt(() => parseJson(envelope, maxElements, { bareNumbers: true }));
  if (value instanceof RequestError) return undefined;
  const parsed = parseEnvelope(value);
  return canTakeScanned(parsed.request, tensors, parsed.options) ? inferenceOf(parsed, new Uint8Array(0), tensors, maxElements) : undefined;
}

/** Everything of an inference request but its tensors. */
type Envelope = Pick<Inference, 'outputs' | 'followed' | 'pointers'> & {
  readonly request: InferenceRequest;
  readonly options: Options;
  readonly reductions: readonly ReductionName[];
  readonly ignored: readonly IgnoredField[];
};

/** @throws RequestError the faults of fields, outputs and options */
function parseEnvelope(value: unknown): Envelope {
  const request = parseInference(value);
  const { parameters = {} } = request;
  const outputs = outputsOf(request);
  const named = outputs.map(({ name }) => name).filter((name) => name !== 'output');
  const pointers = pointersOf(request);
  const ignored = ignoredFields(request);

  const given = Object.fromEntries(optionNames.filter((name) => Object.hasOwn(parameters, name)).map((name) => [name, parameters[name]]));
  const options = withPointers(pointers, () => parseOptions(parseTextOptions(given)));
  const followed = named.length < outputs.length ? followedReductions(options) : [];
  if (followed.length === 0 && Object.hasOwn(given, 'reduction')) {
    ignored.push({ pointer: '#/parameters/reduction', hint: 'the outputs are asked for by name' });
  }
  const whereAsked = named.length > 0 ? { '#/reduction': { pointer: '#/outputs' } } : {};
  return { request, outputs, followed, options, reductions: [...named, ...followed], ignored, pointers: { ...pointers, ...whereAsked } };
}

/** @param numbers those that were scanned, by the index of their input */
function inferenceOf(envelope: Envelope, binary: Uint8Array, numbers: ScannedText['tensors'], maxElements: number): Inference {
  const { request, options, reductions, ignored, outputs, followed, pointers } = envelope;
  const operands = readInferenceOperands(request, { binary, numbers }, options, maxElements);
  const { dim, base, strict } = options;
  const { id, parameters } = request;
  return {
    id,
    request: {
      ...operands,
      dim,
      reduction: reductions,
      base,
      strict,
      ignored,
      checkElements: () => checkElements(operands, binaryInputs(request)),
    },
    outputs,
    followed,
    // 0 is the protocol's way to say none
    timeout: parameters?.timeout === 0 ? undefined : parameters?.timeout,
    pointers,
  };
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
function followedReductions({ reduction }: Options): readonly ReductionName[] {
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
    ...Object.fromEntries(optionNames.map((name) => [`#/${name}`, ofOption(name)])),
    ...Object.fromEntries(inputs.map(({ name }, index) => [`#/${name}`, { pointer: `#/inputs/${index}` }])),
  };
}
