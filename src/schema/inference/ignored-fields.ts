import type { z } from 'zod';
import { appendPointer } from '../../errors/wording.ts';
import { namedFields } from '../../warnings/request-warnings.ts';
import type { IgnoredField } from '../../warnings/warning.ts';
import { likelyMeant } from '../parse-request.ts';
import {
  type InferenceRequest,
  inferenceInput,
  inferenceOutput,
  inferenceRequest,
  inputParameters,
  outputParameters,
  requestParameters,
} from './request.ts';

type Unknown = { readonly name: string; readonly pointer: string; readonly known: readonly string[] };

/**
 * The fields of an inference request that mean nothing to a model, whose own parameters may be among `alpha`, `beta` and `sampled_from`;
 * those that a warning names have a hint where there is one.
 */
export function ignoredFields(request: InferenceRequest, ownParameters: readonly string[] = []): IgnoredField[] {
  const { parameters, inputs, outputs = [] } = request;
  const unknown = [
    ...unknownIn(request, inferenceRequest, '#'),
    ...unknownIn(parameters, requestParameters, '#/parameters'),
    ...othersParameters(parameters, ownParameters),
    ...inputs.flatMap((input, index) => [
      ...unknownIn(input, inferenceInput, `#/inputs/${index}`),
      ...unknownIn(input.parameters, inputParameters, `#/inputs/${index}/parameters`),
    ]),
    ...outputs.flatMap((output, index) => [
      ...unknownIn(output, inferenceOutput, `#/outputs/${index}`),
      ...unknownIn(output.parameters, outputParameters, `#/outputs/${index}/parameters`),
    ]),
  ];
  return unknown.map((field, index) => {
    const hint = index < namedFields ? hintOf(field) : undefined;
    return { pointer: field.pointer, ...(hint === undefined ? {} : { hint }) };
  });
}

/** Parameters of other models. */
function othersParameters(parameters: object | undefined, ownParameters: readonly string[]): Unknown[] {
  const names = ['alpha', 'beta', 'sampled_from'].filter((name) => !ownParameters.includes(name) && Object.hasOwn(parameters ?? {}, name));
  return names.map((name) => ({ name, pointer: appendPointer('#/parameters', name), known: Object.keys(requestParameters.shape) }));
}

function unknownIn(value: object | undefined, { shape }: z.ZodObject, pointer: string): Unknown[] {
  const known = Object.keys(shape);
  const names = Object.keys(value ?? {}).filter((name) => !Object.hasOwn(shape, name));
  return names.map((name) => ({ name, pointer: appendPointer(pointer, name), known }));
}

function hintOf({ name, pointer, known }: Unknown): string | undefined {
  const isMisplaced = Object.hasOwn(requestParameters.shape, name) && !pointer.startsWith('#/parameters/');
  return isMisplaced ? 'it belongs into parameters' : likelyMeant(name, known);
}
