/** An element of a header such as Accept: its name in lower case, its quality from 0 to 1, and its place in the header. */
export type Preference = { readonly name: string; readonly quality: number; readonly place: number };

/** Returns the elements of a header such as Accept or Accept-Encoding. https://www.rfc-editor.org/rfc/rfc9110#name-quality-values */
export function preferences(header: string): Preference[] {
  // a quoted parameter may hold a comma or a semicolon
  const elements = header.match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
  return elements.map((element, place) => {
    const [name, ...parameters] = (element.match(/(?:[^;"]|"(?:[^"\\]|\\.)*"?)+/g) ?? ['']).map((part) => part.trim().toLowerCase());
    return { name, quality: qualityIn(parameters), place };
  });
}

/** Returns the quality that parameters give, 1 without one. One that is no number from 0 to 1 is 0. */
function qualityIn(parameters: readonly string[]): number {
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  if (quality === undefined) return 1;
  const number = /^[\d.]+$/.test(quality) ? Number(quality) : 0;
  return number <= 1 ? number : 0;
}

type Range = Preference & { readonly specificity: number };

/**
 * Returns the offered media type that an Accept header prefers: by quality, then by how exactly the header names it, then by the order in
 * the header, then by the order in `offered`. Returns undefined if the header accepts none.
 * https://www.rfc-editor.org/rfc/rfc9110#name-accept
 */
export function preferredType(accept: string, offered: readonly string[]): string | undefined {
  const ranges = preferences(accept).map(rangeOf);
  const liked = offered.flatMap((type) => {
    const range = rangeFor(type, ranges);
    return range !== undefined && range.quality > 0 ? [{ type, range }] : [];
  });
  liked.sort(({ range: a }, { range: b }) => b.quality - a.quality || b.specificity - a.specificity || a.place - b.place);
  return liked[0]?.type;
}

/** Returns the range of the header that names a type most exactly. */
function rangeFor(type: string, ranges: readonly Range[]): Range | undefined {
  const [main] = type.split('/', 1);
  const fitting = ranges.filter(({ name }) => [type, `${main}/*`, '*/*'].includes(name));
  return fitting.sort((a, b) => b.specificity - a.specificity)[0];
}

function rangeOf(preference: Preference): Range {
  const { name } = preference;
  return { ...preference, specificity: name === '*/*' ? 0 : name.endsWith('/*') ? 1 : 2 };
}
