import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { anchorOf } from '../../docs/markdown.ts';
import { reductions } from '../../src/core/reductions.ts';
import { docPage } from './page.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const paths = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: root })].sort();

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** A page without its fenced blocks, line for line. */
const prose = (path: string): string => read(path).replace(/^```.*?^```$/gms, (block) => block.replace(/[^\n]/g, ''));

for (const [path, most] of [
  ['README.md', 150],
  ['CONTRIBUTING.md', 90],
] as const) {
  test(`${path} has at most ${most} lines`, () => {
    assert.ok(read(path).trimEnd().split('\n').length <= most);
  });
}

test('the README says of each reduction what /v1/info says it is equivalent to', () => {
  const rows = docPage('README.md')
    .section('Reductions')
    .matchAll(/^\| `(\w+)` \|.*\| (.*) \|$/gm);
  const sameAs = Object.fromEntries([...rows].map(([, name, last]) => [name, last]));
  assert.deepEqual(sameAs, Object.fromEntries(Object.entries(reductions).map(([name, { equivalent }]) => [name, equivalent])));
});

test('prose is wrapped at 100 columns; tables and the targets of links may be longer', () => {
  const tooLong = paths.flatMap((path) =>
    prose(path)
      .split('\n')
      .map((line, index) => ({
        line: line.replaceAll(/\]\([^)]*\)/g, ']').replaceAll(/https?:[^\s)]+/g, ''),
        place: `${path}:${index + 1}`,
      }))
      .filter(({ line }) => !line.startsWith('|') && [...line].length > 100)
      .map(({ place }) => place),
  );
  assert.deepEqual(tooLong, []);
});

test('every link to a file resolves, and every link to a heading', () => {
  const broken = paths.flatMap((path) =>
    [...prose(path).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
      .filter(([, file, anchor]) => !resolves(file === '' ? path : join(dirname(path), file), anchor))
      .map(([link]) => `${path} ${link}`),
  );
  assert.deepEqual(broken, []);
});

function resolves(path: string, anchor: string | undefined): boolean {
  if (!existsSync(join(root, path))) return false;
  return anchor === undefined || anchorsOf(path).includes(anchor);
}

/** The anchors that GitHub gives to headings, and those that a page sets itself. */
function anchorsOf(path: string): string[] {
  const headings = [...prose(path).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1'));
  return [...headings.map(anchorOf), ...[...read(path).matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id]) => id)];
}

test('every file and folder of the repository that a page names is there', () => {
  const folders = globSync(['*/', 'src/*/'], { cwd: root }).map((path) => basename(path));
  const missing = [...paths, 'CHANGELOG.md'].flatMap((path) =>
    [...prose(path).matchAll(/`([\w.-]+)\/([\w./-]*)`/g)]
      .filter(([, folder]) => folders.includes(folder))
      .map(([, folder, rest]) => `${folder}/${rest}`)
      .filter((named) => !existsSync(join(root, named)) && !existsSync(join(root, 'src', named)))
      .map((named) => `${path} ${named}`),
  );
  assert.deepEqual(missing, []);
});
