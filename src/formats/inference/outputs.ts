import { isPlainSum } from '../../core/divergences/named-divergence.ts';
import { type ReductionName, reductionNames, reductions, selectReductions } from '../../core/reductions.ts';
import { refuse } from '../../errors/request-error.ts';
import { type InferenceRequest, type OutputName, outputNames } from '../../schema/inference/request.ts';
import type { Options } from '../../schema/parse-request.ts';
import type { IgnoredField } from '../../warnings/warning.ts';
import type { DivergenceRequest } from '../divergence-request.ts';
import type { ModelName } from './models.ts';
import { isSampleOutput, sampleOutputShape, sampleOutputsOf, whyEmpty } from './sample-outputs.ts';

export type Output = { readonly name: OutputName; readonly isBinary: boolean };

/** The outputs that the metadata of a model list. */
export function outputsOfModel(model: ModelName): readonly OutputName[] {
  const isSum = model === 'kl_div' || isPlainSum({ name: model });
  const ofSamples = sampleOutputsOf(model);
  return outputNames.filter((name) => (isSampleOutput(name) ? ofSamples.includes(name) : name !== 'none' || isSum));
}

/**
 * Returns the outputs that a request names, by default `output`.
 * @throws RequestError INVALID_VALUE for an output that is in the list twice
 */
export function namedOutputs({ outputs = [], parameters }: InferenceRequest): Output[] {
  const isBinary = parameters?.binary_data_output ?? false;
  if (outputs.length === 0) return [{ name: 'output', isBinary }];
  for (const [index, { name }] of outputs.entries()) {
    if (outputs.findIndex((other) => other.name === name) < index) {
      throw refuse('INVALID_VALUE', `#/outputs/${index}/name`, `the output ${name} is in the list already`);
    }
  }
  return outputs.map(({ name, parameters }) => ({ name, isBinary: parameters?.binary_data ?? isBinary }));
}

/** The outputs of an answer: where the request names none, those about samples stand behind `output`. */
export function answeredOutputs(
  { outputs = [] }: InferenceRequest,
  named: readonly Output[],
  model: ModelName,
  request: DivergenceRequest,
): readonly Output[] {
  if (outputs.length > 0) return named;
  const [{ isBinary }] = named;
  const ofSamples = sampleOutputsOf(model).filter((name) => sampleOutputShape(name, model, request, []) !== undefined);
  return [...named, ...ofSamples.map((name) => ({ name, isBinary }))];
}

/**
 * The named outputs that the request does not have. Clients may name all that the metadata list, so they are answered, with no elements.
 */
export function emptyOutputs({ outputs = [] }: InferenceRequest, model: ModelName, request: DivergenceRequest): IgnoredField[] {
  return outputs.flatMap(({ name }, index) =>
    isSampleOutput(name) && sampleOutputShape(name, model, request, []) === undefined
      ? [{ pointer: `#/outputs/${index}/name`, hint: whyEmpty(name, model) }]
      : [],
  );
}

export function isReductionName(name: string): name is ReductionName {
  return (reductionNames as readonly string[]).includes(name);
}

/** Returns the reductions of `output`. @throws RequestError INVALID_VALUE if they do not fit into one tensor */
export function followedReductions({ reduction, estimator }: Options, model: ModelName): readonly ReductionName[] {
  const names = selectReductions(reduction);
  if (names.length > 1 && names.some((name) => 'tensor' in reductions[name])) {
    const hasNone = estimator !== 'knn' && outputsOfModel(model).includes('none');
    const existing = names.filter((name) => name !== 'none' || hasNone);
    const detail = `output holds one tensor, or several numbers; ask for ${existing.join(', ')} as outputs of these names`;
    throw refuse('INVALID_VALUE', '#/parameters/reduction', detail);
  }
  return names;
}

/** Rejects a tensor that is asked for as `output` and by its name. @throws RequestError INVALID_VALUE */
export function refuseSameTensor(outputs: readonly Output[], [name]: readonly ReductionName[]): void {
  const index = outputs.findIndex((output) => output.name === name);
  if (index === -1 || !('tensor' in reductions[name])) return;
  const detail = `output is ${name} already, as the parameter reduction says; ask for one of the two`;
  throw refuse('INVALID_VALUE', `#/outputs/${index}/name`, detail);
}
