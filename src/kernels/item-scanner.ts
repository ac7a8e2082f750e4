import { sideNames } from '../core/comparison.ts';
import { float64s } from '../memory/small-arrays.ts';
import { takeMemory } from '../memory/task-memory.ts';
import { instantiateScanner, type ScannedTensor } from './number-scanner.ts';

/** A side of an item that is a list of numbers, and their range. */
export type ScannedList = Pick<ScannedTensor, 'tensor' | 'lowest' | 'highest'>;

/** The sides of an item that were scanned. */
export type ScannedSides = { input?: ScannedList; target?: ScannedList };

/** The text of a batch with an empty list in the place of each list that was scanned: JSON if and only if the text is. */
export type ScannedItems = {
  readonly envelope: Buffer;
  /** By the index of an item; absent where no side of it was scanned. */
  readonly sides: readonly (ScannedSides | undefined)[];
  /** How many commas, lists and bytes are in it no more. */
  readonly taken: { commas: number; containers: number; bytes: number };
};

/**
 * Reads the lists of numbers that are the `input` or the `target` of an item of a batch straight into float64: each number the double that
 * JSON.parse gives. Other values stay in the text. Undefined where they are most of it, where a list or string is too long, or where there
 * are more items than `mostItems`: then JSON.parse has the word.
 */
export type ItemScanner = (bytes: Buffer, mostItems: number) => ScannedItems | undefined;

/** Of a list, as the module writes it: 48 bytes. */
const listBytes = 48;
const places = { item: 0, side: 1, rank: 2, shape: 3, end: 7, lowest: 4, highest: 5 } as const;

export function createItemScanner({ wasm, capacity, text, numbers } = instantiateScanner()): ItemScanner {
  const { buffer } = wasm.memory;
  const integers = new Int32Array(buffer, wasm.listsOffset());
  const floats = new Float64Array(buffer, wasm.listsOffset());
  const start = wasm.envelopeOffset();
  let last: { readonly shape: readonly number[]; readonly containers: number } = { shape: [], containers: 0 };

  /** The shape of a list, which is mostly that of the list before, and how many lists are in it. */
  function shapeAt(at: number): typeof last {
    const rank = integers[at + places.rank];
    let isLast = rank === last.shape.length;
    for (let axis = 0; axis < rank; axis++) isLast &&= integers[at + places.shape + axis] === last.shape[axis];
    if (isLast) return last;
    const shape = [...integers.subarray(at + places.shape, at + places.shape + rank)];
    let [containers, size] = [0, 1];
    for (const entries of shape.slice(0, -1)) {
      size *= entries;
      containers += size;
    }
    last = { shape, containers };
    return last;
  }

  /** Takes the lists of one call over. False where there are too many items. */
  function takeOver({ sides, taken }: Pick<ScannedItems, 'taken'> & { sides: (ScannedSides | undefined)[] }, mostItems: number): boolean {
    const all = float64s(wasm.written.value);
    all.set(numbers.subarray(0, all.length));
    const count = wasm.listCount.value;
    taken.commas += all.length - count;
    let used = 0;
    for (let list = 0; list < count; list++) {
      const [place, range] = [(list * listBytes) / 4, (list * listBytes) / 8];
      const item = integers[place + places.item];
      if (item >= mostItems) return false;
      const { shape, containers } = shapeAt(place);
      const end = integers[place + places.end];
      sides[item] ??= {};
      sides[item][sideNames[integers[place + places.side]]] = {
        tensor: { shape, data: all.subarray(used, end) },
        lowest: floats[range + places.lowest],
        highest: floats[range + places.highest],
      };
      taken.containers += containers;
      used = end;
    }
    return true;
  }

  return (bytes, mostItems) => {
    const pieces: Buffer[] = [];
    const found = { sides: [], taken: { commas: 0, containers: 0, bytes: 0 } };
    wasm.beginItems();
    for (let at = 0; at < bytes.length; at += wasm.consumed.value) {
      const length = Math.min(capacity, bytes.length - at);
      // not set, which goes byte by byte where the two are not aligned alike
      bytes.copy(text, 0, at, at + length);
      wasm.takeItems(length);
      const kept = wasm.envelopeLength.value;
      found.taken.bytes += wasm.consumed.value - kept;
      const isWorthwhile = wasm.consumed.value > 0 && 2 * found.taken.bytes >= at + wasm.consumed.value;
      if (!isWorthwhile || !takeOver(found, mostItems)) return undefined;
      takeMemory(2 * kept);
      pieces.push(Buffer.from(buffer.slice(start, start + kept)));
    }
    return { envelope: pieces.length === 1 ? pieces[0] : Buffer.concat(pieces), ...found };
  };
}
