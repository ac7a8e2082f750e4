import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compensatedSum } from '../../src/core/compensated-sum.ts';

const sum = (...values: number[]) => compensatedSum(Float64Array.from(values));

test('the sum of nothing is 0', () => assert.equal(sum(), 0));

test('a small number survives between two large ones that cancel', () => assert.equal(sum(1, 1e100, 1, -1e100), 2));

test('ten times 0.1 is 1', () => assert.equal(compensatedSum(new Float64Array(10).fill(0.1)), 1));

test('a sum with Infinity is Infinity, not NaN', () => assert.equal(sum(1, Number.POSITIVE_INFINITY, -3), Number.POSITIVE_INFINITY));
