import { sideNames } from '../../core/comparison.ts';
import type { BodyReader } from '../../memory/shared-body.ts';
import type { DivergenceRequest } from '../divergence-request.ts';
import { becomesView, endOfElements } from './entry.ts';
import { endOfHeader } from './header.ts';
import type { Layout } from './read-tensors.ts';

/** Blocks the thread until the header of a body has arrived. @throws BodyUnavailable */
export function waitForHeader({ bytes, waitFor }: BodyReader): void {
  waitFor(Math.min(8, bytes.length));
  waitFor(endOfHeader(bytes, bytes.length));
}

/** What waits for the rows of both sides, where nothing else of the body is to be read, and each row is first read when it is computed. */
export function arrivingRows({ entries, data }: Layout, { bytes, waitFor }: BodyReader): DivergenceRequest['arrived'] {
  const areRows = entries.every((entry) => sideNames.some((name) => name === entry.name) && becomesView(entry, data));
  if (!areRows) return undefined;
  const before = data.byteOffset - bytes.byteOffset;
  return (count) => waitFor(before + Math.max(...entries.map((entry) => endOfElements(entry, count)))) === bytes.length;
}
