import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examples, stateOfExample } from '../../../src/explorer/state/examples.ts';
import { fragmentOf, maxLinkLength, stateOf } from '../../../src/explorer/state/link.ts';

for (const example of examples) {
  test(`a link holds the example ${example.name}, and gives it back`, async () => {
    const state = { ...stateOfExample(example), distribution: 1, sorted: true };
    const fragment = await fragmentOf(state);
    assert.ok(fragment);
    assert.ok(fragment.length < maxLinkLength);
    assert.match(fragment, /^#state=[\w-]+$/);
    assert.deepEqual(await stateOf(fragment), state);
  });
}

test('a state that is too large, or has a file, has no link', async () => {
  const state = stateOfExample(examples[0]);
  const digits = Array.from({ length: 20_000 }, (_, place) => Math.sin(place)).join(', ');
  assert.equal(await fragmentOf({ ...state, texts: { ...state.texts, input: `[${digits}]` } }), undefined);
  assert.equal(
    await fragmentOf({ ...state, attached: { input: { file: 'a.npy', tensors: new Map(), chosen: 'a', slice: '' } } }),
    undefined,
  );
});

test('a fragment that is no link, or holds something else, is left alone', async () => {
  for (const fragment of ['', '#request', '#state=', '#state=AAAA', '#state=!!']) assert.equal(await stateOf(fragment), undefined);
});
