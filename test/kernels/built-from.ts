import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import packageJson from '../../package.json' with { type: 'json' };

export const built = ['divergence.wasm', 'scan-json.wasm', 'scan-names.wasm'];

const kernels = new URL('../../src/kernels/', import.meta.url);

/** The SHA-256 of all that goes into the WebAssembly, and of what came of it: a line for each, as sha256sum writes them. */
export function builtFrom(): string {
  const { scripts, devDependencies } = packageJson;
  const commands = Object.entries(scripts).filter(([name]) => name.startsWith('kernel:'));
  const { assemblyscript, binaryen } = devDependencies;
  const sources = globSync('assembly/**/*', { cwd: kernels.pathname, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = sources.map(({ parentPath, name }) => `${parentPath}/${name}`.slice(kernels.pathname.length)).toSorted();
  const texts = paths.map((path) => [path, readFileSync(new URL(path, kernels), 'utf8')]);
  const from = JSON.stringify({ commands, assemblyscript, binaryen, texts });
  const outputs = built.map((name) => [name, readFileSync(new URL(name, kernels))] as const);
  return [['sources', from] as const, ...outputs].map(([name, content]) => `${sha256(content)}  ${name}\n`).join('');
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

// the last step of npm run kernels; what is built elsewhere is not committed
if (import.meta.main && process.env.OUT === undefined) writeFileSync(new URL('built-from.sha256', kernels), builtFrom());
