import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { SourceFault } from '../../src/sources/source-fault.ts';
import { defaultLimits, type SourceSettings } from '../../src/sources/source-settings.ts';
import { createSources } from '../../src/sources/sources.ts';

export const fixtures = new URL('../fixtures/', import.meta.url);

export const access = { client: 'key:alice', signal: new AbortController().signal };

/** Sources that are closed with the test. */
export function newSources(t: TestContext, settings: Partial<SourceSettings>) {
  const sources = createSources({ prefixes: [], outputs: [], privateNetworks: [], limits: defaultLimits, ...settings });
  t.after(() => sources.close());
  return sources;
}

export const fixtureSources = (t: TestContext) => newSources(t, { prefixes: [fixtures.href] });

/** The fault of a step that must fail: `CODE: message`. */
export async function refusal(step: Promise<unknown>): Promise<string> {
  try {
    await step;
  } catch (error) {
    if (error instanceof SourceFault) return `${error.code}${error.place}: ${error.message}`;
    throw error;
  }
  return assert.fail('expected a refusal');
}
