import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { roundingHere } from '../../src/kernels/rounding.ts';

const skip = process.platform === 'linux' && process.arch === 'x64' ? false : 'only /proc/cpuinfo of x86 says what the machine has';

test('a machine with FMA rounds a product and a sum together, and no other does', { skip }, () => {
  const hasFma = / fma /.test(readFileSync('/proc/cpuinfo', 'utf8'));
  assert.equal(roundingHere(), hasFma ? 'fused' : 'separate');
});
