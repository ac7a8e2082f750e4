import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Writes what browsers load of the explorer: one style sheet, the page, its script, and the licences of the packages in it. The script of
 * the view of jobs is loaded when it is wanted; it and the part that both share have a hash in their names, by which they load each other.
 */
export async function bundle(outFolder: string): Promise<void> {
  for (const stale of globSync('*.js', { cwd: outFolder })) rmSync(join(outFolder, stale));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { explorer: join(folder, 'main.ts') },
    outdir: outFolder,
    bundle: true,
    splitting: true,
    chunkNames: '[name].[hash]',
    minify: true,
    format: 'esm',
    target: 'es2024',
    // the names of the parts are made of paths too, which must be the same wherever the packages lie
    preserveSymlinks: true,
    legalComments: 'none',
    metafile: true,
  });
  const style = join(folder, 'styles/page.css');
  await build({ absWorkingDir: root, entryPoints: { explorer: style }, outdir: outFolder, bundle: true, minify: true });
  copyFileSync(join(folder, 'icon.svg'), join(outFolder, 'icon.svg'));
  writeFileSync(join(outFolder, 'index.html'), withPreloads(readFileSync(join(folder, 'index.html'), 'utf8'), metafile));
  writeFileSync(join(outFolder, 'licences.txt'), licencesOf(metafile));
}

/** The page, which asks for the parts of its script at once, and not when the first of them names the others. */
function withPreloads(html: string, { outputs }: Metafile): string {
  const main = Object.entries(outputs).find(([path]) => basename(path) === 'explorer.js')?.[1];
  const parts = main?.imports.filter(({ kind }) => kind === 'import-statement') ?? [];
  const links = parts.map(({ path }) => `    <link rel="modulepreload" href="./${basename(path)}" />\n`);
  return html.replace('  </head>', `${links.join('')}  </head>`);
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
