import { globSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const tests = new URL('../', import.meta.url).pathname;

/** The files of tests below a folder, from `test/` on, but for those that need the machine to themselves. */
export const filesOf = (folder: string): string[] => globSync(`${folder}/**/!(*.alone).test.ts`, { cwd: tests }).toSorted();

/** Runs the tests of a folder in this process: in one for each file, loading what they test takes longer than most of them. */
export async function testsOf(folder: string): Promise<void> {
  for (const file of filesOf(folder)) await import(pathToFileURL(tests + file).href);
}
