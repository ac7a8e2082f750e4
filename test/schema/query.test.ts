import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRequest } from '../../src/schema/parse-request.ts';
import { parseTextOptions } from '../../src/schema/query.ts';
import { faultPlaces, faultsOf } from '../helper.ts';

const tensors = { input: [1, 2], target: [2, 1] };
const parsed = (query: Record<string, unknown>) => parseRequest({ ...parseTextOptions(query), ...tensors });
const refused = (query: Record<string, unknown>) => faultPlaces(() => parsed(query));
const detailOf = (query: Record<string, unknown>) => faultsOf(() => parsed(query))[0].detail;

test('a query without parameters leaves every default', () => {
  assert.deepEqual(parseTextOptions({}), {});
});

test('parameters become the fields that JSON would hold', () => {
  const rows: [Record<string, unknown>, Record<string, unknown>][] = [
    [{ dim: '1' }, { dim: 1 }],
    [{ dim: '-1' }, { dim: -1 }],
    [{ dim: '0,1' }, { dim: [0, 1] }],
    [{ dim: ['0', '-1'] }, { dim: [0, -1] }],
    [{ dim: ['0,1', '2'] }, { dim: [0, 1, 2] }],
    [{ reduction: 'sum' }, { reduction: 'sum' }],
    [{ reduction: 'all' }, { reduction: 'all' }],
    [{ reduction: 'sum,none' }, { reduction: ['sum', 'none'] }],
    [{ reduction: ['sum', 'none'] }, { reduction: ['sum', 'none'] }],
    [{ reduction: ['sum,mean', 'none'] }, { reduction: ['sum', 'mean', 'none'] }],
    [{ base: 'e' }, { base: 'e' }],
    [{ base: '2' }, { base: 2 }],
    [{ base: '1.5e1' }, { base: 15 }],
    [{ statistics: '0.5' }, { statistics: [0.5] }],
    [{ strict: 'true' }, { strict: true }],
    [{ strict: 'false' }, { strict: false }],
    [
      { input_kind: 'probs', target_kind: 'counts' },
      { input_kind: 'probs', target_kind: 'counts' },
    ],
  ];
  for (const [query, options] of rows) {
    assert.deepEqual(parseTextOptions(query), options);
    assert.deepEqual(parsed(query), parseRequest({ ...options, ...tensors }));
  }
});

test('text that is not what a field needs stays text, and its refusal shows it', () => {
  const rows: [Record<string, unknown>, string, RegExp][] = [
    [{ dim: 'last' }, '#/dim', /expected an integer or a list of distinct integers, got the text "last"/],
    [{ dim: '1.5' }, '#/dim', /got the text "1\.5"/],
    [{ dim: '' }, '#/dim', /got the text ""/],
    [{ dim: '0x1' }, '#/dim', /got the text "0x1"/],
    [{ dim: '0,b' }, '#/dim/1', /expected an integer, got the text "b"/],
    [{ dim: '0,' }, '#/dim/1', /expected an integer, got the text ""/],
    [{ dim: '9'.repeat(30) }, '#/dim', /expected an integer/],
    [{ reduction: 'men' }, '#/reduction', /Did you mean "mean"\?/],
    [{ reduction: '' }, '#/reduction', /got the text ""/],
    [{ reduction: 'sum, mean' }, '#/reduction/1', /got the text " mean"\. Did you mean "mean"\?/],
    [{ statistics: 'True' }, '#/statistics', /^expected true, or a list of quantiles from 0 to 1, got the text "True"$/],
    [{ statistics: '0.5,x' }, '#/statistics/1', /expected a number/],
    [{ base: 'two' }, '#/base', /expected "e" or a number above 1, got the text "two"/],
    [{ base: '' }, '#/base', /got the text ""/],
    [{ base: 'Infinity' }, '#/base', /got the text "Infinity"/],
    [{ base: '0x10' }, '#/base', /got the text "0x10"/],
    [{ base: '1' }, '#/base', /expected a number above 1/],
    [{ base: ['2', 'e'] }, '#/base', /got a list of 2/],
    [{ strict: 'yes' }, '#/strict', /expected true or false, got the text "yes"/],
    [{ strict: '' }, '#/strict', /got the text ""/],
    [{ strict: ['true', 'true'] }, '#/strict', /got a list of 2/],
    [{ input_kind: 'logit' }, '#/input_kind', /Did you mean "logits"\?/],
    [{ target_kind: ['probs', 'probs'] }, '#/target_kind', /got a list of 2/],
    [{ dim: '{"a":0,"b":1}' }, '#/dim', /expected an integer or a list of distinct integers, got the text "\{\\"a\\":0,\\"b\\":1\}"$/],
    [{ dim: '[0,1]' }, '#/dim', /^expected commas between entries and no brackets, as in "0,1", got the text "\[0,1\]"$/],
    [{ base: '[2]' }, '#/base', /no brackets, as in "2", got the text "\[2\]"$/],
    [{ reduction: '["sum", "mean"]' }, '#/reduction', /no brackets, as in "sum,mean", got the text "\[\\"sum\\", \\"mean\\"\]"$/],
    [{ dim: '[object Object]' }, '#/dim', /expected an integer or a list of distinct integers, got the text "\[object Object\]"$/],
    [{ reduction: '[{"sum":1,"mean":2}]' }, '#/reduction', /"all", got the text "\[\{\\"sum\\":1,\\"mean\\":2\}\]"$/],
    [{ bins: '[]' }, '#/bins', /a number of bins, or a list of edges, got the text "\[\]"$/],
    [{ bins: ['0', '[1,2]'] }, '#/bins', /no brackets, as in "1,2", got the text "\[1,2\]"$/],
  ];
  for (const [query, pointer, detail] of rows) {
    assert.deepEqual(refused(query), [`INVALID_VALUE ${pointer}`], JSON.stringify(query));
    assert.match(detailOf(query), detail);
  }
});

test('unknown names stay, and are refused with the nearest known one', () => {
  assert.deepEqual(refused({ reductoin: 'sum' }), ['UNKNOWN_FIELD #/reductoin']);
  assert.match(detailOf({ reductoin: 'sum' }), /did you mean reduction\?/);
  assert.deepEqual(refused(JSON.parse('{"__proto__": "1", "constructor": "2"}')), [
    'UNKNOWN_FIELD #/__proto__',
    'UNKNOWN_FIELD #/constructor',
  ]);
});

test('a tensor in the query is refused', () => {
  assert.deepEqual(refused({ input: '1,2' }), ['INVALID_VALUE #/input']);
  assert.deepEqual(refused({ target: ['1', '2'], input: '1' }), ['INVALID_VALUE #/input', 'INVALID_VALUE #/target']);
  assert.match(detailOf({ target: '' }), /target cannot be given in the query of the URL: it is read from the body/);
});

test('a list longer than any is refused as a whole', () => {
  assert.deepEqual(refused({ dim: '0,'.repeat(5000) }), ['INVALID_VALUE #/dim']);
  assert.deepEqual(refused({ reduction: Array(5000).fill('sum') }), ['INVALID_VALUE #/reduction']);
});

test('every integer and every number above 1 comes through the query as it is in JSON', () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (dim) => assert.equal(parseTextOptions({ dim: String(dim) }).dim, dim)));
  const above1 = fc.double({ min: 1, minExcluded: true, max: Number.MAX_VALUE, noNaN: true });
  fc.assert(fc.property(above1, (base) => assert.equal(parseTextOptions({ base: String(base) }).base, base)));
});
