import assert from 'node:assert/strict';
import { test } from 'node:test';
import { divergenceNames, divergencePattern, parseDivergence, rowOf } from '../../../src/core/divergences/named-divergence.ts';

const spelt = new RegExp(divergencePattern);

test('a divergence is asked for by its name, with its parameter behind a colon', () => {
  assert.deepEqual(parseDivergence('kl'), { key: 'kl', name: 'kl', parameter: 0 });
  assert.deepEqual(parseDivergence('jensen_shannon'), { key: 'jensen_shannon', name: 'jensen_shannon', parameter: 0.5 });
  assert.deepEqual(parseDivergence('jensen_shannon:0.10'), { key: 'jensen_shannon:0.10', name: 'jensen_shannon', parameter: 0.1 });
  assert.deepEqual(parseDivergence('renyi:2'), { key: 'renyi:2', name: 'renyi', parameter: 2 });
  assert.deepEqual(parseDivergence('renyi:1e-3'), { key: 'renyi:1e-3', name: 'renyi', parameter: 0.001 });
});

test('β at 0 or 1 and α at 1 are refused, naming the divergence that is meant there', () => {
  for (const [key, instead] of [
    ['jensen_shannon:0', 'kl'],
    ['jensen_shannon:1.0', 'reverse_kl'],
    ['renyi:1', 'kl'],
  ]) {
    assert.match(String(parseDivergence(key)), new RegExp(`ask for ${instead},`));
  }
});

test('a parameter out of its bounds, missing, superfluous or no number is refused, and says what it should be', () => {
  for (const [key, said] of [
    ['jensen_shannon:1.5', /β .* between 0 and 1, both excluded: got "1.5"/],
    ['jensen_shannon:-0.1', /between 0 and 1/],
    ['jensen_shannon:', /between 0 and 1, both excluded, spelled as JSON spells it, such as 0\.5: got ""/],
    ['jensen_shannon:.5', /spelled as JSON spells it, such as 0\.5: got "\.5"/],
    ['renyi:0', /α .* above 0: got "0"/],
    ['renyi:-2', /above 0/],
    ['renyi:x', /above 0, spelled as JSON spells it, such as 0\.5: got "x"/],
    ['renyi:Infinity', /above 0/],
    ['renyi:1e999', /above 0/],
    ['renyi', /renyi needs α, the order: "renyi:2", say/],
    ['kl:2', /kl has no parameter/],
  ] as const) {
    assert.match(String(parseDivergence(key)), said, key);
    assert.ok(typeof parseDivergence(key) === 'string', key);
  }
});

test('the names of other tools are refused with the name that they have here; other names with the list', () => {
  for (const [key, name] of [
    ['psi', 'jeffreys'],
    ['PSI', 'jeffreys'],
    ['js', 'jensen_shannon'],
    ['Jensen-Shannon', 'jensen_shannon'],
    ['tvd', 'total_variation'],
    ['chi2', 'chi_squared'],
  ]) {
    assert.match(String(parseDivergence(key)), new RegExp(`it is called ${name} here`), key);
  }
  assert.match(String(parseDivergence('wasserstein')), /the divergences are kl, reverse_kl/);
  assert.match(String(parseDivergence('constructor')), /there is no divergence/);
});

test('what the documented pattern allows is what is read, but for the bounds of parameters', () => {
  for (const name of divergenceNames) {
    const { parameter } = rowOf({ name });
    for (const key of [name, `${name}:0.25`, `${name}:3e-1`, `${name}:`, `${name}:.5`, `x${name}`]) {
      assert.equal(spelt.test(key), typeof parseDivergence(key) !== 'string', key);
    }
    assert.equal(spelt.test(`${name}:0.5`), parameter !== undefined);
  }
});

test('no alias is a name or the alias of two divergences', () => {
  const aliases = divergenceNames.flatMap((name) => [name, ...rowOf({ name }).aliases]);
  assert.equal(new Set(aliases).size, aliases.length);
});
