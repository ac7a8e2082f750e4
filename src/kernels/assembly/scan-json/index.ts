export { powersOfFiveOffset } from './double';
export { beginItems, envelopeLength, envelopeOffset, listCount, listsOffset, takeItems } from './items';
export { lengthsOffset, numbersOffset, shapeOffset, textCapacity, textOffset } from './layout';
export { consumed, ended, highest, lowest, rank, scan, start, written } from './lists';
export { hadFraction } from './number';
