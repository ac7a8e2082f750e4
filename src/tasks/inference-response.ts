import { type ReductionName, reduce } from '../core/reductions.ts';
import { modelVersion } from '../formats/inference/models.ts';
import type { Inference } from '../formats/inference/read-request.ts';
import { jsonList } from '../formats/json/write/json-tensor.ts';
import { jsonChunks, writeChunks } from '../formats/json/write/stringify.ts';
import { bytesOf } from '../formats/safetensors/write.ts';
import type { BodyReader } from '../memory/shared-body.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type AnswerPlan, answerBytes } from './answer-size.ts';
import type { Solution } from './solve.ts';
import { statisticsMember } from './statistics-response.ts';
import { lengthOf, type WorkerTools } from './task.ts';

/** Returns the bytes that the requested outputs have at the most, and whether all of them are JSON. */
export function inferenceBytes({ shape, rest, hasStatistics }: Omit<AnswerPlan, 'form'>, { id = '', outputs, followed }: Inference) {
  const bytes = outputs.reduce((sum, { name, isBinary }) => {
    const reductions = name === 'output' ? followed : [name];
    return sum + answerBytes({ shape, rest, reductions, form: isBinary ? 'bytes' : 'flat', hasStatistics });
  }, 6 * id.length);
  return { bytes, isJson: outputs.every(({ isBinary }) => !isBinary) };
}

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
  const described = outputs.map(({ name, isBinary }) => {
    const { shape, data } = name === 'output' ? followedTensor(followed, solved) : reducedTensor(name, solved);
    const about = name === 'output' ? { reduction: followed.join(',') } : {};
    if (!isBinary) return { ...head(name, shape, about), data: jsonList(data) };
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
}

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

/** Returns a reduction as a tensor. The protocol has no tensors without axes, so a number has shape [1]. */
function reducedTensor(name: ReductionName, solved: Solution): Tensor {
  const value = reduce(name, solved.divergence, solved);
  if (typeof value === 'number') return { shape: [1], data: Float64Array.of(value) };
  return value.shape.length === 0 ? { ...value, shape: [1] } : value;
}
