import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marksOf } from '../../../src/explorer/editors/marks.ts';
import type { Finding } from '../../../src/explorer/state/findings.ts';
import { locate, stepsOf } from '../../../src/explorer/text/locate.ts';

const text = '{\n  "loc": [[1, 2], [3, "x"]],\n  "a/b": [-1e3, null]\n}';

const found = (pointer: string, of = text) => {
  const { from, to } = locate(of, stepsOf(pointer));
  return of.slice(from, to);
};

test('a JSON Pointer finds its value in the text', () => {
  assert.equal(found('#/loc/1/1'), '"x"');
  assert.equal(found('#/loc/0'), '[1, 2]');
  assert.equal(found('#/a~1b/0'), '-1e3');
  assert.equal(found('#/a%7E1b/1'), 'null');
  assert.equal(found('#'), text);
});

test('a pointer that goes further than the text finds the last value on its way', () => {
  assert.equal(found('#/loc/7'), '[[1, 2], [3, "x"]]');
  assert.equal(found('#/1/5', '[1, [2, 3]'), '[2, 3]');
});

const finding = (words: string, ways: string[][]): Finding => ({ code: 'X', severity: 'error', words, field: 'input', ways });

test('a finding is marked at each element that it is about, and said at the first', () => {
  const marks = marksOf(
    [
      finding('expected a number, got null', [
        ['0', '1'],
        ['1', '0'],
      ]),
    ],
    '[[1, null], [null, 2]]',
    0,
  );
  assert.deepEqual(
    marks.map(({ from, to, words }) => [from, to, words]),
    [
      [5, 9, 'expected a number, got null'],
      [13, 17, 'the same here'],
    ],
  );
});

test('what is no JSON is marked where the service stopped reading, in the lines of this text', () => {
  const broken = '[[1, 2],\n [3,, 4]]';
  const [mark] = marksOf([finding('line 3, column 5: expected a value, got ","', [['1', '1']])], broken, 1);
  assert.deepEqual([mark.from, mark.words], [13, 'expected a value, got ","']);
  assert.equal(broken[mark.from], ',');
});
