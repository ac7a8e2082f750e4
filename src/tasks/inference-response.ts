import { type ReductionName, reduce } from '../core/reductions.ts';
import { modelVersion } from '../formats/inference/models.ts';
import type { Inference } from '../formats/inference/read-request.ts';
import { isSampleOutput, sampleOutputShape } from '../formats/inference/sample-outputs.ts';
import { jsonList } from '../formats/json/write/json-tensor.ts';
import { jsonChunks, writeChunks } from '../formats/json/write/stringify.ts';
import { bytesOf } from '../formats/safetensors/write.ts';
import type { BodyReader } from '../memory/shared-body.ts';
import type { OutputName } from '../schema/inference/request.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { sampleTensors } from './sampling-response.ts';
import { type AnswerPlan, answerBytes, tensorBytes } from './solve/answer-size.ts';
import type { Solution } from './solve/solve.ts';
import { statisticsMember } from './statistics-response.ts';
import { lengthOf, type WorkerTools } from './task.ts';

/** Returns the bytes that the outputs of the answer have at the most, and whether all of them are JSON. */
export function inferenceBytes(
  { shape, rest, hasStatistics }: Omit<AnswerPlan, 'form'>,
  { id = '', outputs, followed, model, request }: Inference,
) {
  const bytes = outputs.reduce(
    (sum, { name, isBinary }) => {
      const form = isBinary ? 'bytes' : 'flat';
      if (isSampleOutput(name)) return sum + outputBytes + tensorBytes(sampleOutputShape(name, model, request, rest) ?? [0], form);
      return sum + answerBytes({ shape, rest, reductions: name === 'output' ? followed : [name], form, hasStatistics });
    },
    6 * id.length + answerBytes({ shape, rest, reductions: [], form: 'flat', hasStatistics }),
  );
  return { bytes, isJson: outputs.every(({ isBinary }) => !isBinary) };
}

/** What an output has beside its numbers: its name, its datatype, a shape of 32 axes. */
const outputBytes = 2 ** 10;

type InferenceContent = { readonly content: readonly Uint8Array[]; readonly headerLength?: number };

/**
 * Returns the requested outputs as JSON, or as bytes after the JSON: little-endian float64, in the order of the outputs. In a thread, an
 * answer without such bytes overwrites the request, which is no longer needed.
 */
export function inferenceAnswer(
  solved: Solution,
  { model, id, outputs, followed }: Inference,
  body: BodyReader,
  tools: WorkerTools,
): InferenceContent {
  const blocks: Float64Array[] = [];
  const ofSamples = sampleTensors(solved);
  const described = outputs.map(({ name, isBinary }) => {
    const { shape, data } = tensorOf(name);
    const about = name === 'output' ? { reduction: followed.join(',') } : {};
    if (!isBinary) return { ...head(name, shape, about), data: data.length === 0 ? [] : jsonList(data) };
    blocks.push(data);
    return head(name, shape, { ...about, binary_data_size: data.byteLength });
  });
  const isInPlace = tools.writesInPlace && blocks.length === 0;
  const answer = {
    model_name: model,
    model_version: modelVersion,
    ...(id === undefined ? {} : { id }),
    parameters: { warnings: JSON.stringify(solved.warnings), warning_count: solved.warnings.length, ...statisticsText(solved) },
    outputs: described,
  };
  const header = writeChunks(jsonChunks(answer), isInPlace ? body.bytes : undefined, tools.check);
  return blocks.length === 0 ? { content: header } : { content: [...header, ...blocks.map(bytesOf)], headerLength: lengthOf(header) };

  function tensorOf(name: OutputName): Tensor {
    if (name === 'output') return followedTensor(followed, solved);
    return isSampleOutput(name) ? withAxes(ofSamples.get(name) ?? noElements) : reducedTensor(name, solved);
  }
}

/** Of an output that the request does not have. */
const noElements: Tensor = { shape: [0], data: new Float64Array() };

/** As text, because parameters hold no objects. */
function statisticsText(solved: Solution): { statistics?: string } {
  const { statistics } = statisticsMember(solved);
  return statistics === undefined ? {} : { statistics: JSON.stringify(statistics) };
}

function head(name: string, shape: readonly number[], parameters: Readonly<Record<string, unknown>>) {
  return { name, datatype: 'FP64', shape, ...(Object.keys(parameters).length === 0 ? {} : { parameters }) };
}

/** Returns the tensor of one reduction, or the numbers of several in one axis. */
function followedTensor(names: readonly ReductionName[], solved: Solution): Tensor {
  if (names.length === 1) return reducedTensor(names[0], solved);
  return { shape: [names.length], data: Float64Array.from(names, (name) => reducedTensor(name, solved).data[0]) };
}

function reducedTensor(name: ReductionName, solved: Solution): Tensor {
  const value = reduce(name, solved.divergence, solved);
  return withAxes(typeof value === 'number' ? { shape: [], data: Float64Array.of(value) } : value);
}

/** The protocol has no tensors without axes, so a number has shape [1]. */
function withAxes(tensor: Tensor): Tensor {
  return tensor.shape.length === 0 ? { ...tensor, shape: [1] } : tensor;
}
