/** What the competitors of a figure are called; others are called as they are named. */
const labels: Readonly<Record<string, string>> = {
  bare: 'a Fastify route that answers a constant',
  parse: 'receiving it and `JSON.parse`',
  stringify: 'receiving it, `JSON.parse` and `JSON.stringify`',
  receive: 'only receiving it',
  typical: 'Fastify, zod and loops',
  idiomatic: 'FastAPI and PyTorch, pydantic',
  tuned: 'FastAPI and PyTorch, orjson',
  pytorch: 'PyTorch float64',
  textbook: 'textbook TypeScript',
  rust: 'Rust (hyper, sonic-rs)',
  axum: 'Rust (axum, serde_json)',
  go: 'Go (fasthttp, sonic)',
  C: 'a loop in C, float32',
};

/** The competitors in Rust, Go and C. */
export const natives: readonly string[] = ['rust', 'axum', 'go', 'C'];

/** What the medians of a unit are of. */
const quantities: Readonly<Record<string, string>> = {
  ms: 'time',
  'ms p50': 'p50',
  'ms p99': 'p99',
  'us CPU': 'CPU time',
  'req/s': 'requests/s',
};

export const labelOf = (name: string): string => labels[name] ?? name;
export const quantityOf = (unit: string): string => quantities[unit] ?? unit;
