import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preferredType } from '../../../src/http/headers/accept.ts';

const offered = ['application/json', 'application/safetensors'];

for (const [accept, expected] of [
  ['*/*', 'application/json'],
  ['application/*', 'application/json'],
  ['application/safetensors', 'application/safetensors'],
  ['Application/Safetensors ; Q=0.5', 'application/safetensors'],
  ['application/json;q=0.5, application/safetensors', 'application/safetensors'],
  ['application/json;q=0.9, application/safetensors;q=0.8', 'application/json'],
  ['application/safetensors, */*', 'application/safetensors'],
  ['*/*, application/safetensors', 'application/safetensors'],
  ['application/safetensors, application/json', 'application/safetensors'],
  ['application/json;q=0, */*;q=0.1', 'application/safetensors'],
  ['application/safetensors;q=0', undefined],
  ['application/safetensors;q=nonsense, application/json;q=0.1', 'application/json'],
  ['text/html', undefined],
  ['', undefined],
] as const) {
  test(`Accept: ${accept} likes ${expected ?? 'nothing that is offered'}`, () => {
    assert.equal(preferredType(accept, offered), expected);
  });
}
