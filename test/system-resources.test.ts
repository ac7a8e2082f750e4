import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { coresHere } from '../src/system-resources.ts';

const all = availableParallelism();
const v1 = { quota: '/sys/fs/cgroup/cpu/cpu.cfs_quota_us', period: '/sys/fs/cgroup/cpu/cpu.cfs_period_us' };

const cases: Record<string, [Readonly<Record<string, string>>, number]> = {
  'no container': [{}, all],
  'a container without a limit': [{ '/sys/fs/cgroup/cpu.max': 'max 100000\n' }, all],
  'one core of time': [{ '/sys/fs/cgroup/cpu.max': '100000 100000\n' }, 1],
  'half a core of time': [{ '/sys/fs/cgroup/cpu.max': '50000 100000\n' }, 1],
  'more time than there are cores': [{ '/sys/fs/cgroup/cpu.max': '99900000 100000\n' }, all],
  'one core of time, in the first version of cgroups': [{ [v1.quota]: '100000\n', [v1.period]: '100000\n' }, 1],
  'no limit, in the first version of cgroups': [{ [v1.quota]: '-1\n', [v1.period]: '100000\n' }, all],
};

for (const [title, [files, cores]] of Object.entries(cases)) {
  test(`the cores that may be used: ${title}`, () => {
    assert.equal(
      coresHere((path) => files[path]),
      cores,
    );
  });
}
