import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalEngine } from '../../../../src/jobs/engines/local/local-engine.ts';
import { engineConforms } from '../conformance.ts';

engineConforms({
  name: 'local',
  skip: false,
  store: async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'jobs-'));
    t.after(() => rmSync(directory, { recursive: true }));
    return {
      forProcess: { directory },
      engine: async ({ retentionMs = 60_000, timesMs = {} } = {}) => {
        const report = (error: unknown) => t.diagnostic(String(error));
        const engine = createLocalEngine({ directory, retentionMs, timesMs: { backoff: 5, ...timesMs }, report });
        t.after(() => engine.close());
        return engine;
      },
    };
  },
});
