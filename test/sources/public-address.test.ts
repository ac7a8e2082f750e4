import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { addressFilter, type Lookup } from '../../src/sources/public-address.ts';
import { access, newSources, refusal } from './helper.ts';

const refused = 'SOURCE_UNREACHABLE: the server has an address that is not public, and in no network of JOB_PRIVATE_NETWORKS';

test('only public unicast addresses pass', () => {
  const isAllowed = addressFilter([]);
  for (const address of ['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '2a00:1450::1', '::ffff:8.8.8.8'])
    assert.ok(isAllowed(address), address);
  for (const address of [
    ...[
      '127.0.0.1',
      '127.255.255.254',
      '0.0.0.0',
      '10.0.0.1',
      '172.16.0.1',
      '192.168.0.1',
      '169.254.169.254',
      '100.64.0.1',
      '100.100.100.200',
    ],
    ...['168.63.129.16', '192.0.0.192', '192.0.2.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
    ...['::1', '::', '::7f00:1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:168.63.129.16', '::ffff:0:7f00:1', 'fe80::1', 'fe80::1%eth0'],
    ...['fd00:ec2::254', 'fc00::1', 'fec0::1', 'ff02::1', '2001:db8::1', '100::1', '4000::1'],
    // NAT64, 6to4 and Teredo lead to IPv4
    ...['64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::7f00:1', '2002:7f00:1::1', '2001::1'],
    ...['', 'localhost', '2130706433', '0x7f.1', '127.1'],
  ]) {
    assert.ok(!isAllowed(address), address);
  }
});

test('a private network passes where it is listed, in every spelling of its addresses, and no other does', () => {
  const isAllowed = addressFilter(['10.1.0.0/16', '127.0.0.1', 'fd00:1::/32']);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '127.0.0.1', 'fd00:1::5']) assert.ok(isAllowed(address), address);
  for (const address of ['10.2.0.1', '127.0.0.2', '::1', 'fd00:2::5', '64:ff9b::a01:203']) assert.ok(!isAllowed(address), address);
});

/** A server that must not be reached, and how often it was. */
async function forbidden(t: import('node:test').TestContext) {
  let reached = 0;
  const server = createServer((socket) => {
    reached++;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, reached: () => reached };
}

for (const host of [
  '127.0.0.1',
  '[::ffff:7f00:1]',
  '[::1]',
  '2130706433',
  '0x7f.1',
  '0177.0.0.1',
  '127.1',
  '0.0.0.0',
  '[::]',
  '[::7f00:1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '169.254.169.254',
  'localhost',
]) {
  test(`http://${host} is refused although its prefix is allowed, and no connection is made`, async (t) => {
    const { port, reached } = await forbidden(t);
    const prefix = `http://${host}:${port}/`;
    assert.equal(await refusal(newSources(t, { prefixes: [prefix] }).open(`${prefix}q`, access)), refused);
    assert.equal(reached(), 0);
  });
}

const answering =
  (...answers: string[][]): Lookup =>
  (_name, _options, found) =>
    found(
      null,
      (answers.length > 1 ? (answers.shift() as string[]) : answers[0]).map((address) => ({
        address,
        family: address.includes(':') ? 6 : 4,
      })),
    );

for (const [title, addresses] of Object.entries({
  'a private address': ['10.0.0.1'],
  'the address of a metadata service': ['169.254.169.254'],
  'a public address and a private one': ['93.184.216.34', '127.0.0.1'],
  'NAT64 of a private address': ['64:ff9b::7f00:1'],
  'no address': [],
})) {
  test(`a name with ${title} is refused`, async (t) => {
    const { port, reached } = await forbidden(t);
    const prefix = `http://data.example:${port}/`;
    assert.equal(await refusal(newSources(t, { prefixes: [prefix] }, answering(addresses)).open(`${prefix}q`, access)), refused);
    assert.equal(reached(), 0);
  });
}

test('a name that is rebound from an allowed address to a private one is refused: what is connected to is what was checked', async (t) => {
  const { port, reached } = await forbidden(t);
  const prefix = `http://data.example:${port}/`;
  // 127.0.0.2 is allowed, and nothing listens there: the second try looks the name up again
  const sources = newSources(t, { prefixes: [prefix], privateNetworks: ['127.0.0.2/32'] }, answering(['127.0.0.2'], ['127.0.0.1']));
  assert.equal(await refusal(sources.open(`${prefix}q`, access)), refused);
  assert.equal(reached(), 0);
});

test('each connection looks its name up once', async (t) => {
  const { port, reached } = await forbidden(t);
  let asked = 0;
  const lookup: Lookup = (_name, _options, found) => {
    asked++;
    found(null, [{ address: '127.0.0.1', family: 4 }]);
  };
  const prefix = `http://data.example:${port}/`;
  const sources = newSources(t, { prefixes: [prefix], privateNetworks: ['127.0.0.1'] }, lookup);
  assert.match(await refusal(sources.open(`${prefix}q`, access)), /^SOURCE_UNREACHABLE: the server fails with/);
  assert.equal(asked, 4);
  assert.equal(reached(), 4);
});
