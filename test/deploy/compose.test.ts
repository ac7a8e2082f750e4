import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { compose } from './compose.ts';

const root = new URL('../../', import.meta.url);
const { services, networks } = compose();
const instances = [services['kl-divergence'], services.replica];

test('every container is read-only, without capabilities and new privileges, and bounded in memory and processes', () => {
  for (const [name, service] of Object.entries(services)) {
    assert.equal(service.read_only, true, name);
    assert.deepEqual(service.cap_drop, ['ALL'], name);
    assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
    assert.ok(service.pids_limit > 0, name);
    assert.ok(service.mem_limit, name);
  }
});

test('without a profile there is the service alone, on the loopback address of the host', () => {
  const plain = Object.keys(services).filter((name) => services[name].profiles === undefined);
  assert.deepEqual(plain, ['kl-divergence']);
  for (const [name, { ports = [] }] of Object.entries(services)) for (const port of ports) assert.match(port, /127\.0\.0\.1/, name);
});

test('every setting can be passed on from the shell, but for the address and the port inside of the container', () => {
  for (const { environment } of instances) {
    for (const name of Object.keys(readConfig({}))) {
      const variable = name.replace(/[A-Z]/g, '_$&').toUpperCase();
      if (variable !== 'HOST' && variable !== 'PORT') assert.ok(variable in environment, variable);
    }
  }
});

test('nobody is let in by default, and no credential stands in the repository: what says who may call comes from outside', () => {
  const says = ['AUTH', 'API_KEYS_FILE', 'API_KEYS_SECRET', 'JWT_JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE'];
  for (const { environment } of instances) for (const name of says) assert.equal(environment[name], null, name);
  const text = readFileSync(new URL('docker-compose.yml', root), 'utf8');
  assert.doesNotMatch(text, /(password|secret|token)[A-Za-z_]*: *(?!\$\{)["']?[A-Za-z0-9]/i);
  const ignored = readFileSync(new URL('.gitignore', root), 'utf8').split('\n');
  assert.ok(ignored.includes('.env'));
});

test('only the one that makes keys can write them', () => {
  for (const { volumes = [] } of instances) assert.deepEqual(volumes.slice(0, 2), ['keys:/keys:ro', 'jobs:/jobs']);
  assert.deepEqual(services.key.volumes, ['keys:/keys']);
  assert.equal(services.key.environment.API_KEYS_FILE, '/keys/keys.json');
});

test('neither Redis has a port on the host or a way out, and nobody is beside them but replicas', () => {
  const both = ['redis', 'job-queue'];
  assert.equal(networks.quotas?.internal, true);
  for (const name of both) {
    assert.equal(services[name].ports, undefined);
    assert.deepEqual(services[name].networks, ['quotas']);
  }
  const beside = Object.keys(services).filter((name) => !both.includes(name) && services[name].networks?.includes('quotas'));
  assert.deepEqual(beside, ['replica']);
});

test('the Redis of the jobs writes what it is told to a volume, and gives nothing up for want of memory', () => {
  const { command, volumes } = services['job-queue'];
  const said = command.join(' ');
  assert.match(said, /--appendonly yes/);
  assert.match(said, /--maxmemory-policy noeviction/);
  assert.deepEqual(volumes, ['job-queue:/data']);
});

test('replicas share their jobs through that Redis, and one service alone keeps them in a file; neither has any without JOB_SOURCES', () => {
  const [alone, replica] = instances.map(({ environment }) => environment);
  assert.match(alone.JOBS ?? '', /:-local\}$/);
  assert.match(replica.JOBS ?? '', /:-redis\}$/);
  assert.match(replica.JOBS_REDIS_URL ?? '', /:-redis:\/\/job-queue:6379\}$/);
  for (const environment of [alone, replica]) assert.equal(environment.JOB_SOURCES, null);
});

test('images of others have a version and can be replaced, and what is mounted into them exists', () => {
  for (const name of ['nginx', 'redis', 'prometheus', 'grafana']) {
    assert.match(services[name].image, new RegExp(`^\\$\\{${name.toUpperCase()}_IMAGE:-[^:]+:v?\\d+\\.\\d+[^}]*\\}$`));
    for (const volume of services[name].volumes ?? []) {
      if (volume.startsWith('./')) assert.ok(existsSync(new URL(volume.split(':')[0], root)), volume);
    }
  }
});
