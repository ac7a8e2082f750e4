import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, faultsOf } from '../helper.ts';

/** A tensor of ones. */
const ones = (...shape: number[]) => ({ shape, data: Array(shape.reduce((a, b) => a * b, 1)).fill(1) });

const detailOf = (input: object, target: object, options = {}) => faultsOf(() => ask({ input, target, ...options }))[0].detail;

test('outcomes that one side lacks are cut off, or padded with what has no mass under its kind', () => {
  const detail = detailOf(ones(2, 3), ones(2, 4));
  assert.match(detail, /^target has shape \[2, 4\], input has \[2, 3\]\. Their sizes differ along axis 1 \(target 4, input 3\)/);
  assert.match(detail, /cut those off that input lacks, or pad input with "-Infinity"/);
  assert.match(detailOf(ones(2, 4), ones(2, 3), { target_kind: 'counts' }), /pad target with 0, which gives them no mass\. /);
});

test('padding of input is advised with the warning that KL is infinite where target has mass', () => {
  assert.match(detailOf(ones(2, 3), ones(2, 4)), /no mass: KL is infinite then where target has some\. /);
});

test('outcomes that are others on each side, as in two top-k, are sent as lists', () => {
  assert.match(detailOf(ones(2, 3), ones(2, 4)), /as in two top-k, send lists to \/v1: \{"outcomes": \[\.\.\.\], "values": \[\.\.\.\]\}$/);
});

test('two rows of different length may be raw observations, which are of the kind samples', () => {
  assert.match(detailOf(ones(50), ones(40)), /Raw observations are of the kind "samples" on both sides, and may differ in number$/);
});

test('other axes must agree, and one of size 1 is repeated by the caller', () => {
  assert.match(detailOf(ones(2, 3), ones(4, 3)), /axis 0 \(target 4, input 2\): send the same distributions on both sides$/);
  assert.match(detailOf(ones(1, 3), ones(4, 3)), /nothing is broadcast: repeat input/);
  assert.match(detailOf(ones(3), ones(4, 3)), /Nothing is broadcast: repeat input for each of the 4/);
});

test('a target of one number for each distribution may be class labels, which are sent one-hot', () => {
  assert.match(detailOf(ones(5, 3), ones(5)), /If target holds class labels, send them one-hot/);
});

test('shapes with as many elements seem to be transposed or reshaped', () => {
  assert.match(detailOf(ones(3, 4), ones(4, 3)), /transposed or reshaped/);
  assert.match(detailOf(ones(12), ones(4, 3)), /transposed or reshaped/);
});

test('shapes that differ in several ways are told by their axes', () => {
  assert.match(detailOf(ones(2, 3), ones(4, 5)), /differ along axes 0, 1$/);
  assert.match(detailOf(ones(7), ones(2, 2, 2)), /Send both with 3 axes of the same sizes$/);
});
