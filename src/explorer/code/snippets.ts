import type { Explanation } from '../service/answers.ts';
import { plainText } from '../state/options.ts';
import { languages, literal } from './literals.ts';
import { pytorch } from './pytorch.ts';
import { type FileOperand, queryOf, type RequestValue } from './request-value.ts';

type Where = { readonly origin: string; readonly hasKey: boolean };

type Snippet = {
  readonly title: string;
  readonly write: (request: RequestValue, where: Where, explanation: Explanation | undefined) => string;
};

/** The request as code, in each language. The key never stands in it: it is read from the environment. */
export const snippets: Readonly<Record<string, Snippet>> = {
  curl: { title: 'curl', write: curl },
  python: { title: 'Python requests', write: python },
  typescript: { title: 'TypeScript', write: typescript },
  pytorch: { title: 'PyTorch', write: (request, _, explanation) => pytorch(request, explanation) },
};

function bodyOf({ tensors, options }: RequestValue): Record<string, unknown> {
  return {
    ...Object.fromEntries(tensors.map(([name, operand]) => [name, operand.file === undefined ? operand.value : operand.file])),
    ...options,
  };
}

function curl(request: RequestValue, { origin, hasKey }: Where): string {
  const key = hasKey ? ` \\\n  -H "X-API-Key: $API_KEY"` : '';
  if (request.isBinary) {
    return `# request.safetensors: “Save the request” writes it\ncurl -s '${origin}${request.path}${queryOf(request)}'${key} \\\n  -H 'Content-Type: application/vnd.safetensors' \\\n  --data-binary @request.safetensors`;
  }
  const body = literal(bodyOf(request), languages.json).replaceAll("'", `'\\''`);
  return `curl -s ${origin}${request.path}${key} \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`;
}

function python(request: RequestValue, { origin, hasKey }: Where): string {
  const imports = [
    ...(hasKey ? ['import os'] : []),
    ...(request.isBinary ? ['import numpy as np'] : []),
    'import requests',
    ...(request.isBinary ? ['from safetensors.numpy import load_file, save'] : []),
  ];
  const headers = [
    ...(request.isBinary ? ['"Content-Type": "application/vnd.safetensors"'] : []),
    ...(hasKey ? ['"X-API-Key": os.environ["API_KEY"]'] : []),
  ];
  const withHeaders = headers.length === 0 ? '' : `\n    headers={${headers.join(', ')}},`;
  const url = `"${origin}${request.path}"`;
  if (!request.isBinary) {
    return `${imports.join('\n')}\n\nresponse = requests.post(\n    ${url},${withHeaders}\n    json=${literal(bodyOf(request), languages.python, '    ')},\n)\nprint(response.json())`;
  }
  const tensors = request.tensors.map(
    ([name, operand]) =>
      `    "${name}": ${operand.file === undefined ? `np.array(${literal(operand.value, languages.python, '    ')}, dtype=float)` : loadInPython(operand)},`,
  );
  const options = Object.fromEntries(Object.entries(request.options).map(([name, value]) => [name, plainText(value)]));
  return `${imports.join('\n')}\n\ntensors = {\n${tensors.join('\n')}\n}\nresponse = requests.post(\n    ${url},\n    params=${literal(options, languages.python, '    ')},${withHeaders}\n    data=save(tensors),\n)\nprint(response.json())`;
}

function loadInPython({ file, tensor, slice, isFlags }: FileOperand): string {
  const part = slice.trim() === '' ? '' : `[${slice.replace(/^\s*\[|\]\s*$/g, '')}]`;
  const isSafetensors = file.endsWith('.safetensors');
  const named = isSafetensors || file.endsWith('.npz') ? `[${JSON.stringify(tensor)}]` : '';
  const array = `${isSafetensors ? 'load_file' : 'np.load'}(${JSON.stringify(file)})${named}${part}`;
  return `np.ascontiguousarray(${array}${isFlags ? ', dtype=np.uint8' : ''})`;
}

function typescript(request: RequestValue, { origin, hasKey }: Where): string {
  const key = hasKey ? `, 'X-API-Key': process.env.API_KEY ?? ''` : '';
  const type = request.isBinary ? 'application/vnd.safetensors' : 'application/json';
  const url = `'${origin}${request.path}${request.isBinary ? queryOf(request) : ''}'`;
  const body = request.isBinary
    ? `await readFile('request.safetensors')`
    : `JSON.stringify(${literal(bodyOf(request), languages.typescript, '  ')})`;
  const first = request.isBinary ? `import { readFile } from 'node:fs/promises';\n\n` : '';
  return `${first}const response = await fetch(${url}, {\n  method: 'POST',\n  headers: { 'Content-Type': '${type}'${key} },\n  body: ${body},\n});\nconsole.log(await response.json());`;
}
