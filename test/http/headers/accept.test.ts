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
  ['application/safetensors;q=2, application/json;q=0.1', 'application/json'],
  ['application/safetensors;q=-1', undefined],
  ['application/safetensors;q=1.000, application/json;q=0.999', 'application/safetensors'],
  ['application/json;q=0, application/*', 'application/safetensors'],
  ['application/*;q=0.1, */*;q=0.9, application/json;q=0', 'application/safetensors'],
  ['*/*;q=0', undefined],
  ['application/json;q=.2, application/safetensors;q=.1', 'application/json'],
  ['application/safetensors;q=0.1.2', undefined],
  ['text/html;a="application/safetensors, b", application/json', 'application/json'],
  ['application/safetensors;a="b;q=0"', 'application/safetensors'],
  ['application/json;a="\\", application/safetensors', 'application/json'],
  ['text/html', undefined],
  ['', undefined],
] as const) {
  test(`Accept: ${accept} likes ${expected ?? 'nothing that is offered'}`, () => {
    assert.equal(preferredType(accept, offered), expected);
  });
}
