import { sideNames } from '../../core/comparison.ts';
import type { NamedDivergence } from '../../core/divergences/named-divergence.ts';
import type { ReductionName } from '../../core/reductions.ts';
import { attempt } from '../../errors/fault-list.ts';
import { RequestError, refuse } from '../../errors/request-error.ts';
import { appendPointer } from '../../errors/wording.ts';
import type { NumberScanner } from '../../kernels/number-scanner.ts';
import type { BodyReader } from '../../memory/shared-body.ts';
import { divergencesContract } from '../../schema/divergences.ts';
import { ignoredFields } from '../../schema/inference/ignored-fields.ts';
import { type InferenceRequest, parseInference, requestParameters } from '../../schema/inference/request.ts';
import { type DenseOptions, type Options, parseOptions } from '../../schema/parse-request.ts';
import { parseTextOptions } from '../../schema/query.ts';
import { optionFields } from '../../schema/request.ts';
import type { Unsure } from '../../tensor/domain.ts';
import type { IgnoredField } from '../../warnings/warning.ts';
import { type DivergenceRequest, isDenseRequest } from '../divergence-request.ts';
import { numbersOfInference, type ScannedTensors, scanJson } from '../json/extract-tensors.ts';
import { parseJson } from '../json/parse-json.ts';
import { checkElements } from '../operands.ts';
import { pointerOf } from '../parameters.ts';
import { type PointerMap, withPointers } from '../pointer-map.ts';
import { divergenceOf, type ModelName, ownParametersOf } from './models.ts';
import {
  answeredOutputs,
  emptyOutputs,
  followedReductions,
  isReductionName,
  namedOutputs,
  type Output,
  refuseSameTensor,
} from './outputs.ts';
import { binaryInputs, canTakeScanned, withInferenceTensors } from './read-tensors.ts';
import { splitBody } from './split-binary.ts';

/** A request of the Open Inference Protocol. */
export type Inference = {
  readonly model: ModelName;
  readonly id: string | undefined;
  readonly request: DivergenceRequest;
  readonly outputs: readonly Output[];
  /** The reductions in the output `output`: one, or several that are numbers. */
  readonly followed: readonly ReductionName[];
  /** Microseconds that the client waits for the answer. */
  readonly timeout: number | undefined;
  /** The positions of the fields of `request` in the body. */
  readonly pointers: PointerMap;
};

/**
 * Reads the body of an inference request: JSON, and after it the bytes of tensors if `headerLength` gives the length of the JSON.
 * With a scanner, numbers in JSON go from the bytes straight into float64. JSON.parse reads bodies that the scanner cannot read, and bodies
 * that are rejected for their numbers.
 * @throws RequestError INVALID_JSON, INVALID_BINARY_TENSORS, INVALID_VALUE, or the faults of the options and tensors
 */
export function readInference(
  body: BodyReader,
  headerLength: string | undefined,
  maxElements: number,
  scanTensor?: NumberScanner,
  model: ModelName = 'kl_div',
): Inference {
  const canScan = headerLength === undefined && scanTensor !== undefined;
  const scanned = canScan ? scanJson(body, scanTensor, maxElements, numbersOfInference, { bareNumbers: true }) : undefined;
  if (scanned !== undefined) {
    const envelope = parseEnvelope(scanned.value, model);
    if (canTakeScanned(envelope.request, scanned.tensors, envelope.options)) {
      return inferenceOf(envelope, new Uint8Array(0), scanned.tensors, maxElements);
    }
  }
  body.waitFor(body.bytes.length);
  const { json, binary } = splitBody(body.bytes, headerLength);
  const value = attempt(() => parseJson(json, maxElements, { bareNumbers: true }));
  if (!(value instanceof RequestError)) return inferenceOf(parseEnvelope(value, model), binary, noNumbers, maxElements);
  const isLengthMissing = value.code === 'INVALID_JSON' && headerLength === undefined && json.includes('"binary_data_size"');
  throw isLengthMissing ? lengthMissing() : value;
}

const noNumbers: ScannedTensors = new Map();

/** An inference request without its tensors. */
type Envelope = Pick<Inference, 'model' | 'outputs' | 'followed' | 'pointers'> & {
  readonly request: InferenceRequest;
  readonly options: Options;
  readonly reductions: readonly ReductionName[];
  readonly ignored: readonly IgnoredField[];
};

/** @throws RequestError the faults of fields, outputs and options */
function parseEnvelope(value: unknown, model: ModelName): Envelope {
  const request = parseInference(value);
  const { parameters = {} } = request;
  const outputs = namedOutputs(request);
  const named = outputs.map(({ name }) => name).filter(isReductionName);
  const pointers = pointersOf(request);
  const divergence = divergenceOf(model, parameters);
  const ignored = ignoredFields(request, ownParametersOf(model));

  const given = Object.fromEntries(
    fieldsOf(model)
      .filter((name) => Object.hasOwn(requestParameters.shape, name) && Object.hasOwn(parameters, name))
      .map((name) => [name, parameters[name]]),
  );
  const options = withPointers(pointers, () => parseModelOptions(given, divergence));
  const followed = outputs.some(({ name }) => name === 'output') ? followedReductions(options, model) : [];
  refuseSameTensor(outputs, followed);
  if (followed.length === 0 && Object.hasOwn(given, 'reduction')) {
    ignored.push({ pointer: '#/parameters/reduction', hint: 'the outputs are asked for by name' });
  }
  const whereAsked = named.length > 0 ? { '#/reduction': { pointer: '#/outputs' } } : {};
  return {
    model,
    request,
    outputs,
    followed,
    options,
    reductions: [...named, ...followed],
    ignored,
    pointers: { ...pointers, ...whereAsked },
  };
}

/** The options of a request that are parameters of a model. */
function fieldsOf(model: ModelName): readonly string[] {
  return [...optionFields, ...ownParametersOf(model).filter((name) => name === 'sampled_from')];
}

/** @throws RequestError the faults of the options, and those of the divergence that is the model */
function parseModelOptions(given: Readonly<Record<string, unknown>>, divergence: NamedDivergence | undefined): Options {
  const options = parseTextOptions(given);
  return divergence === undefined
    ? parseOptions(options)
    : parseOptions({ ...options, divergences: [divergence.key] }, divergencesContract);
}

/** @param numbers scanned numbers by the index of their input */
function inferenceOf(envelope: Envelope, binary: Uint8Array, numbers: ScannedTensors, maxElements: number): Inference {
  const { model, request, options, reductions, ignored, outputs, followed, pointers } = envelope;
  const read = withPointers(pointers, () => withInferenceTensors(request, { binary, numbers }, options, maxElements));
  const { id, parameters } = request;
  return {
    model,
    id,
    request: {
      ...read,
      // a reduction that the client has not named is no reason for `strict`
      reduction: options.reduction === undefined && followed.length > 0 && reductions.length === followed.length ? undefined : reductions,
      ignored: [...ignored, ...emptyOutputs(request, model, read)],
      ...(isDenseRequest(read) && read.binned === undefined
        ? { checkElements: (unsure?: Unsure) => checkElements(read, options as DenseOptions, unsure, binaryInputs(request)) }
        : {}),
    },
    outputs: answeredOutputs(request, outputs, model, read),
    followed,
    // in the protocol 0 means no timeout
    timeout: parameters?.timeout === 0 ? undefined : parameters?.timeout,
    pointers,
  };
}

function lengthMissing() {
  const detail =
    'the body has a binary_data_size and does not end with its JSON: expected a header Inference-Header-Content-Length with the length of the JSON, got none';
  return refuse('INVALID_BINARY_TENSORS', '#', detail);
}

function pointersOf({ inputs, parameters = {} }: InferenceRequest): PointerMap {
  const ofOption = (name: string) => ({ pointer: appendPointer('#/parameters', name), isText: typeof parameters[name] === 'string' });
  return {
    ...Object.fromEntries([...optionFields, 'sampled_from'].map((name) => [`#/${name}`, ofOption(name)])),
    // the divergence is the model: what is wrong with it is how its numbers are read
    '#/divergences': { ...ofOption('input_kind'), isText: true },
    // where a side has parameters, and lacks one
    ...Object.fromEntries(sideNames.map((name) => [`#/${name}`, { pointer: '#/inputs' }])),
    ...Object.fromEntries(inputs.map(({ name }, index) => [pointerOf(name), { pointer: `#/inputs/${index}` }])),
  };
}
