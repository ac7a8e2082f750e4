import { z } from 'zod';
import { requestOutcomes } from './outcomes.ts';
import { requestParameters, requestTensor } from './tensor.ts';

/** A side of a request, as the document shows it. */
export const requestOperand = z.union([requestTensor, requestOutcomes, requestParameters]).meta({
  id: 'Operand',
  description: 'A tensor, or a list of outcomes by name or id; where the kind is a family of distributions, an object of their parameters.',
});
