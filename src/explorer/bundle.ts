import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Writes what browsers load of the explorer: one script, one style sheet, the page, and the licences of the packages in the script. */
export async function bundle(outFolder: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { explorer: join(folder, 'main.ts') },
    outdir: outFolder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    legalComments: 'none',
    metafile: true,
  });
  const style = join(folder, 'styles/page.css');
  await build({ absWorkingDir: root, entryPoints: { explorer: style }, outdir: outFolder, bundle: true, minify: true });
  for (const name of ['index.html', 'icon.svg']) copyFileSync(join(folder, name), join(outFolder, name));
  writeFileSync(join(outFolder, 'licences.txt'), licencesOf(metafile));
}

/** The packages whose code is in the script, each with its licence. */
function licencesOf({ inputs }: Metafile): string {
  const packages = new Set(Object.keys(inputs).flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []));
  const texts = [...packages].sort().map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
    return `${name} ${version}, ${license}\n\n${readFileSync(join(root, path, 'LICENSE'), 'utf8').trim()}\n`;
  });
  return `The script of this page has code of these packages.\n\n${texts.join('\n---\n\n')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outFolder = process.argv[2] ?? join(folder, 'dist');
  mkdirSync(outFolder, { recursive: true });
  await bundle(outFolder);
}
