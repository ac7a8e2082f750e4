import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Lookup } from '../../src/sources/public-address.ts';
import { rowReader, type StoredRows } from '../../src/sources/read-rows.ts';
import { SourceFault } from '../../src/sources/source-fault.ts';
import { defaultLimits, type SourceSettings } from '../../src/sources/source-settings.ts';
import { createSources, type Sources } from '../../src/sources/sources.ts';
import type { StoredTensor } from '../../src/sources/stored-tensor.ts';

export const fixtures = new URL('../fixtures/', import.meta.url);

export const access = { client: 'key:alice', signal: new AbortController().signal };

/** Sources that pause for a moment only before they try again, and are closed with the test. */
export function newSources(t: TestContext, settings: Partial<SourceSettings>, lookup?: Lookup) {
  const sources = createSources(
    { prefixes: [], outputs: [], privateNetworks: [], limits: { ...defaultLimits, pauseMs: 1 }, ...settings },
    lookup,
  );
  t.after(() => sources.close());
  return sources;
}

export const fixtureSources = (t: TestContext) => newSources(t, { prefixes: [fixtures.href] });

/** Opens a tensor, reads some of its rows and closes it. */
export async function readRows(sources: Sources, tensor: StoredTensor, from: number, to: number, into?: Uint8Array): Promise<StoredRows> {
  const { read, close } = rowReader(sources, tensor, access);
  return read(from, to, into).finally(close);
}

/** The fault of a step that must fail, with its place: `CODE/uri: message`. */
export async function refusal(step: Promise<unknown>): Promise<string> {
  const { code, place, message } = await faultOf(step);
  return `${code}${place}: ${message}`;
}

export async function faultOf(step: Promise<unknown>): Promise<SourceFault> {
  try {
    await step;
  } catch (error) {
    if (error instanceof SourceFault) return error;
    throw error;
  }
  return assert.fail('expected a refusal');
}
