import { faultAt, type OutcomeList, paddingId } from '../../core/outcomes/outcome-list.ts';
import { faultList } from '../../errors/fault-list.ts';
import { refuse } from '../../errors/request-error.ts';
import { uint32s } from '../../memory/small-arrays.ts';
import { checkTensor } from '../../tensor/domain.ts';
import { type Numbers, sameShape, type Tensor } from '../../tensor/tensor.ts';
import type { TensorRules } from '../tensor-rules.ts';

/**
 * Returns the list that two tensors of one shape are: ids, and their numbers. Rows are padded with the id -1, or with -Infinity among
 * logarithms. @throws RequestError SHAPE_MISMATCH, INVALID_VALUE, or the faults of the numbers
 */
export function listOf(name: string, outcomes: Tensor<Numbers>, values: Tensor<Numbers>, rules: TensorRules): OutcomeList {
  const [whereIds, whereValues] = [`#/${name}.outcomes`, `#/${name}.values`];
  if (!sameShape(outcomes.shape, values.shape)) {
    const detail = `${name}.values has shape [${values.shape.join(', ')}], ${name}.outcomes has [${outcomes.shape.join(', ')}]: send a number for each outcome`;
    throw refuse('SHAPE_MISMATCH', whereValues, detail);
  }
  const shape = outcomes.shape.slice(0, -1);
  const size = outcomes.shape[outcomes.shape.length - 1];
  const rows = outcomes.data.length / size;
  const isUnread = rules.unreadRows?.(shape) ?? (() => false);
  const placeOf: OutcomeList['placeOf'] = (member, d, k) => ({
    pointer: member === 'outcomes' ? whereIds : whereValues,
    where: d === undefined ? '' : `, in row ${d}${k === undefined ? '' : `, entry ${k}`}`,
  });
  const unread = () => (element: number) => isUnread(Math.floor(element / size)) || outcomes.data[element] === paddingId;
  checkTensor(values, { domain: rules.domain, unread }, whereValues);
  const starts = uint32s(rows + 1);
  for (let d = 0; d < rows; d++) starts[d + 1] = starts[d] + size;
  const ids = checkedIds(
    outcomes.data,
    (at) => isUnread(Math.floor(at / size)),
    (at) => placeOf('outcomes', Math.floor(at / size), at % size),
  );
  return { shape, starts, ids, values: values.data, placeOf };
}

/** The ids, with padding where they are not read. @throws RequestError INVALID_VALUE */
function checkedIds(
  data: Numbers,
  isUnread: (at: number) => boolean,
  placeOf: (at: number) => ReturnType<OutcomeList['placeOf']>,
): Numbers {
  const faults = faultList();
  for (let at = 0; at < data.length; at++) {
    if (Number.isSafeInteger(data[at]) && data[at] >= paddingId) continue;
    if (isUnread(at)) data[at] = paddingId;
    else faults.add(() => faultAt(placeOf(at), 'INVALID_VALUE', `expected an id from 0 to 2^53 - 1, or -1 for padding, got ${data[at]}`));
  }
  faults.throwIfAny();
  return data;
}
