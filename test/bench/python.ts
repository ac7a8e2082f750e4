import { spawnSync } from 'node:child_process';

export type Python = { readonly path: string; readonly versions: Readonly<Record<string, string>> };

const packages = ['fastapi', 'uvicorn', 'uvloop', 'httptools', 'orjson', 'numpy', 'safetensors', 'torch'];

const script = `
import importlib, importlib.metadata, json, platform, sys
names = ${JSON.stringify(packages)}
for name in names: importlib.import_module(name)
versions = {name: importlib.metadata.version(name) for name in names}
print(json.dumps({"path": sys.executable, "versions": {"python": platform.python_version(), **versions}}))
`;

let found: Python | string | undefined;

/** The Python of the peers, BENCH_PYTHON or python3; or the reason why there is none. Looked for once. */
export function findPython(): Python | string {
  found ??= look(process.env.BENCH_PYTHON ?? 'python3');
  return found;
}

function look(command: string): Python | string {
  const { status, stdout, stderr, error } = spawnSync(command, ['-c', script], { encoding: 'utf8', timeout: 120_000 });
  if (error !== undefined) return `no Python: ${error.message}`;
  if (status === 0) return JSON.parse(stdout);
  return `${command}: ${stderr.trim().split('\n').at(-1) ?? `exit code ${status}`}`;
}
