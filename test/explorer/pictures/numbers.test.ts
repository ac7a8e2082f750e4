import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atTick, counted, grouped, inCell, indexInWords, inShort } from '../../../src/explorer/pictures/numbers.ts';

test('a number is read with four digits that tell, whatever its size', () => {
  assert.deepEqual([0, 1, -2.5, 0.25, 0.001234567, 0.0001234567, 99_999, 123_456.7, -1e-7].map(inShort), [
    '0',
    '1.0000',
    '−2.5000',
    '0.2500',
    '0.001235',
    '1.235e−4',
    '99999.0000',
    '1.235e5',
    '−1.000e−7',
  ]);
  assert.deepEqual([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(inShort), ['not read', '∞', '−∞']);
});

test('a number in a cell has two digits, and one that would round to 0 says how small it is', () => {
  assert.deepEqual([0, 1.005, -0.5, 0.0049, -1e-9].map(inCell), ['0.00', '1.00', '−0.50', '5e−3', '−1e−9']);
  assert.deepEqual([Number.NaN, Number.POSITIVE_INFINITY].map(inCell), ['–', '∞']);
});

test('counts of five digits and more are grouped, and a noun has its plural', () => {
  assert.deepEqual([1, 9999, 10_000, 1_000_000].map(grouped), ['1', '9999', '10 000', '1 000 000']);
  assert.deepEqual([counted(1, 'row'), counted(20_000, 'element')], ['1 row', '20 000 elements']);
});

test('ticks have four digits at the most, and indices stand in brackets', () => {
  assert.deepEqual([0.1 + 0.2, 12_345, -3].map(atTick), ['0.3', '12350', '−3']);
  assert.equal(indexInWords([0, 3]), '[0, 3]');
});
