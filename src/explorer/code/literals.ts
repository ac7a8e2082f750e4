/** How a language writes values. */
type Language = {
  readonly yes: string;
  readonly no: string;
  readonly nothing: string;
  readonly key: (name: string) => string;
};

const json: Language = { yes: 'true', no: 'false', nothing: 'null', key: (name) => JSON.stringify(name) };

export const languages = {
  json,
  python: { yes: 'True', no: 'False', nothing: 'None', key: (name) => JSON.stringify(name) },
  typescript: { ...json, key: (name) => (/^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name)) },
} as const satisfies Record<string, Language>;

/** Returns a value of JSON as a language writes it: a list of numbers on one line, others over several. */
export function literal(value: unknown, language: Language, indent = ''): string {
  const deeper = `${indent}  `;
  if (value === true) return language.yes;
  if (value === false) return language.no;
  if (value === null) return language.nothing;
  if (typeof value !== 'object') return JSON.stringify(value);
  const isList = Array.isArray(value);
  const items = isList
    ? value.map((item) => literal(item, language, deeper))
    : Object.entries(value).map(([name, item]) => `${language.key(name)}: ${literal(item, language, deeper)}`);
  const [open, close] = isList ? '[]' : '{}';
  const isFlat = isList && !value.some((item) => typeof item === 'object' && item !== null);
  if (isFlat || items.join(', ').length < 60) return `${open}${items.join(', ')}${close}`;
  return `${open}\n${items.map((item) => deeper + item).join(',\n')}\n${indent}${close}`;
}
