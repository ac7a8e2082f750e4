import type { PlaceOf } from '../../core/comparison.ts';
import { appendPointer } from '../../errors/wording.ts';
import type { DecodedTensor, DenseRequest } from '../../formats/divergence-request.ts';
import type { Axes } from '../../tensor/axes.ts';
import { unravel } from '../../tensor/tensor.ts';

/** Where the elements of a request stand: nested lists have a pointer to each, all else is named by its index or its outcome. */
export function elementPlaces(request: DenseRequest, axes: Axes): PlaceOf {
  const { listed } = request;
  return (name, element, d, k) => {
    const { tensor } = request[name];
    const pointer = `#/${name}`;
    if (listed !== undefined) {
      const list = axes.shape.length === 0 ? '' : ` of list [${unravel(d, axes.shape).join(', ')}]`;
      return { pointer, where: `outcome ${JSON.stringify(listed.outcomeAt(d, k))}${list}: ` };
    }
    const index = unravel(element, tensor.shape);
    if (isNestedText(tensor)) return { pointer: index.reduce(appendPointer, pointer), where: '' };
    return { pointer, where: `element [${index.join(', ')}]: ` };
  };
}

function isNestedText({ form, isOfBytes = false, isSpread = false }: DecodedTensor): boolean {
  return form === 'nested' && !isOfBytes && !isSpread;
}
