import type { z } from 'zod';
import type { IgnoredField } from '../result/warning.ts';
import { child } from '../wording.ts';
import {
  type InferenceRequest,
  inferenceInput,
  inferenceOutput,
  inferenceRequest,
  inputParameters,
  outputParameters,
  requestParameters,
} from './inference.ts';
import { nearest } from './nearest.ts';

/** The fields of an inference request that mean nothing here. */
export function ignoredFields(request: InferenceRequest): IgnoredField[] {
  const { parameters, inputs, outputs = [] } = request;
  return [
    ...unknownIn(request, inferenceRequest, '#'),
    ...unknownIn(parameters, requestParameters, '#/parameters'),
    ...inputs.flatMap((input, index) => [
      ...unknownIn(input, inferenceInput, `#/inputs/${index}`),
      ...unknownIn(input.parameters, inputParameters, `#/inputs/${index}/parameters`),
    ]),
    ...outputs.flatMap((output, index) => [
      ...unknownIn(output, inferenceOutput, `#/outputs/${index}`),
      ...unknownIn(output.parameters, outputParameters, `#/outputs/${index}/parameters`),
    ]),
  ];
}

function unknownIn(value: object | undefined, { shape }: z.ZodObject, pointer: string): IgnoredField[] {
  const known = Object.keys(shape);
  const unknown = Object.keys(value ?? {}).filter((name) => !known.includes(name));
  return unknown.map((name) => {
    const near = nearest(name, known);
    return { pointer: child(pointer, name), ...(near === undefined ? {} : { hint: `did you mean ${near}?` }) };
  });
}
