import { globSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const tests = new URL('../', import.meta.url).pathname;

/** The files of tests below a folder, but for those that need the machine to themselves, or the files of a pattern; from `test/` on. */
export function filesOf(where: string): string[] {
  const pattern = where.endsWith('.test.ts') ? where : `${where}/**/!(*.alone).test.ts`;
  return globSync(pattern, { cwd: tests }).toSorted();
}

/**
 * Runs the tests of a folder or pattern in this process: in one for each file, loading what they test takes longer than most of them. Node
 * begins with the groups in the order of their names.
 */
export async function testsOf(where: string): Promise<void> {
  for (const file of filesOf(where)) await import(pathToFileURL(tests + file).href);
}
