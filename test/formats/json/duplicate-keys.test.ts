import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../../../src/formats/json/parse-json.ts';
import { faultsOf } from '../../helper.ts';

const parsed = (text: string) => parseJson(Buffer.from(text), 1000, { bareNumbers: true });

for (const [name, text, pointer] of [
  ['of the body', '{"dim": 0, "dim": 0}', '#/dim'],
  ['spelt with an escape', '{"dim": 0, "d\\u0069m": 1}', '#/dim'],
  ['that is empty', '{"": 0, "": 1}', '#/'],
  ['of a tensor', '{"input": {"shape": [1], "data": [1], "data": [2]}}', '#/input/data'],
  ['of an item', '{"items": [{"id": "a:b"}, {"dim": 0, "base": 2, "dim": 1}]}', '#/items/1/dim'],
  ['of an object in lists of lists', '{"x": [[[1], {"a": 1, "b": {"a": 1}, "a": 2}]]}', '#/x/0/1/a'],
  ['__proto__', '{"__proto__": 1, "__proto__": 2}', '#/__proto__'],
  ['beside a bare NaN', '{"data": [NaN], "data": [1]}', '#/data'],
] as const) {
  test(`a name ${name} that stands twice in one object is refused, with a pointer at it`, () => {
    assert.deepEqual(
      faultsOf(() => parsed(text)).map(({ code, pointer }) => [code, pointer]),
      [['INVALID_JSON', pointer]],
    );
  });
}

for (const text of [
  '{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}',
  '{"a": "b: \\"c\\": {", "c": ":"}',
  '[[1], {"a": ":"}]',
  '":"',
  '{"a\\"": "x", "a": ":" , "A": null}',
]) {
  test(`no name stands twice in one object of ${text}`, () => {
    assert.deepEqual(parsed(text), JSON.parse(text));
  });
}
