import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRows } from '../../../src/explorer/text/rows.ts';

const texts: readonly (readonly [string, string, string])[] = [
  ['rows of a spreadsheet', '1\t2\n3\t4.5\n', '[[1, 2], [3, 4.5]]'],
  ['CSV with a header', 'a,b\r\n1,2\r\n3,-4e-3\r\n', '[[1, 2], [3, -0.004]]'],
  ['CSV with semicolons', '1;2\n3;4', '[[1, 2], [3, 4]]'],
  ['one column', '1\n2\n3', '[1, 2, 3]'],
  ['one column with a header', 'value\n1\n2', '[1, 2]'],
  ['one row', '0.1, 0.2, 0.7', '[0.1, 0.2, 0.7]'],
  ['numbers between spaces', ' 1  2\n 3  4', '[[1, 2], [3, 4]]'],
  ['infinite logits', '1,-inf\n2,Infinity', '[[1, "-Infinity"], [2, "Infinity"]]'],
  ['empty and quoted cells', '1,,"2"\n"a, b",3,4', '[[1, null, 2], ["a, b", 3, 4]]'],
  ['quoted cells between spaces', 'a "b c" 1\nd "e""f" 2', '[["a", "b c", 1], ["d", "e\\"f", 2]]'],
  ['categories, one in each row', 'card\ncash\ncard', '["card", "cash", "card"]'],
];

for (const [name, text, json] of texts) {
  test(`${name} become a tensor`, () => {
    assert.equal(readRows(text)?.json, json);
  });
}

test('what is JSON, or means to be, is left as it is', () => {
  for (const text of ['[[1, 2]', '{"shape": [1]', '', '  \n', '"text"']) assert.equal(readRows(text), undefined);
});

test('an element is found in the text, and a whole row where no cell is named', () => {
  const text = 'a,b\n10,20\n30,x\n';
  const rows = readRows(text);
  assert.ok(rows);
  const at = (...steps: string[]) => {
    const { from, to } = rows.placeOf(steps);
    return text.slice(from, to);
  };
  assert.equal(at('1', '1'), 'x');
  assert.equal(at('0', '0'), '10');
  assert.equal(at('1'), '30,x');
});

test('an element of a single row or column is found too', () => {
  assert.deepEqual(readRows('7, 8, 9')?.placeOf(['1']), { from: 2, to: 4 });
  assert.deepEqual(readRows('7\n88\n9')?.placeOf(['1']), { from: 2, to: 4 });
});
