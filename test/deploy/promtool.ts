import { spawnSync } from 'node:child_process';

const { error } = spawnSync('promtool', ['--version']);

/** Why tests that need promtool are skipped, or false. */
export const withoutPromtool = error === undefined ? false : 'promtool is not here (Debian: prometheus)';

/** What promtool says of files of deploy/, and whether it is content. */
export function promtool(...args: string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: new URL('../../deploy/', import.meta.url), encoding: 'utf8' });
  return { status, said: stdout + stderr };
}
