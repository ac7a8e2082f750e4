/** Bytes that one call reads at the most; zeros follow them, which end every loop over characters, and bytes may be read before them. */
export const capacity = 1 << 18;
const padding = 32;
export const maxRank = 32;

export const text: usize = memory.data(padding + capacity + padding, 16) + padding;
export const numbers = memory.data(((capacity >> 1) + 1) << 3, 16);
export const shape = memory.data(maxRank << 2, 16);
/** How many items each open list has so far. */
export const counts = memory.data(maxRank << 2, 16);

/** How many numbers each row has that the last call ended, where rows may differ in length. */
export const lengths = memory.data(((capacity >> 1) + 1) << 2, 16);

/** Where the text ends that the host has sent. */
export function endOfText(length: i32): usize {
  memory.fill(text + length, 0, padding);
  return text + length;
}

export function textOffset(): usize {
  return text;
}

export function textCapacity(): i32 {
  return capacity;
}

export function numbersOffset(): usize {
  return numbers;
}

export function shapeOffset(): usize {
  return shape;
}

export function lengthsOffset(): usize {
  return lengths;
}
