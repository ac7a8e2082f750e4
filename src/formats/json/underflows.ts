import { faultList } from '../../errors/fault-list.ts';
import type { Fault } from '../../errors/request-error.ts';
import { appendPointer, quote } from '../../errors/wording.ts';
import { maxItems } from '../../schema/batch.ts';

/** Is told of a number other than 0 that float64 reads as 0: where it stands, and how it is written. */
export type NoteUnderflow = (path: readonly (string | number)[], word: string) => void;

/** Where such numbers are noted. `throwIfAny` throws RequestError NUMBER_UNDERFLOW. */
type Underflows = { readonly note: NoteUnderflow; readonly throwIfAny: () => void };

export function underflowsOfText(): Underflows {
  const { add, throwIfAny } = faultList();
  return { note: (path, word) => add(() => underflow(path, word)), throwIfAny };
}

/** Those of a batch: of each item, as its request would be refused alone, and of the rest. */
export function underflowsOfBatch(): Underflows & { readonly throwIfItemHasAny: (index: number) => void } {
  const rest = underflowsOfText();
  const items = new Map<number, Underflows>();
  const note: NoteUnderflow = (path, word) => {
    const [field, index] = path;
    // more items are refused
    if (field !== 'items' || typeof index !== 'number' || index >= maxItems) return rest.note(path, word);
    const item = items.get(index) ?? underflowsOfText();
    items.set(index, item);
    item.note(path.slice(2), word);
  };
  return { note, throwIfAny: rest.throwIfAny, throwIfItemHasAny: (index) => items.get(index)?.throwIfAny() };
}

function underflow(path: readonly (string | number)[], word: string): Fault {
  const detail = `${quote(word)} is not 0, but float64 reads it as 0: its smallest number is 4.9e-324. Send its logarithm, as log_probs or logits, or 0 if that is meant`;
  return { pointer: path.reduce<string>(appendPointer, '#'), code: 'NUMBER_UNDERFLOW', detail };
}
