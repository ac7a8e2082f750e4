type Range = { readonly type: string; readonly quality: number; readonly specificity: number; readonly place: number };

/**
 * Returns the offered media type that an Accept header prefers: by quality, then by how exactly the header names it, then by the order in
 * the header, then by the order in `offered`. Returns undefined if the header accepts none.
 * https://www.rfc-editor.org/rfc/rfc9110#name-accept
 */
export function preferredType(accept: string, offered: readonly string[]): string | undefined {
  const ranges = accept.split(',').map(rangeOf);
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
  const fitting = ranges.filter((range) => [type, `${main}/*`, '*/*'].includes(range.type));
  return fitting.sort((a, b) => b.specificity - a.specificity)[0];
}

function rangeOf(text: string, place: number): Range {
  const [type, ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  const specificity = type === '*/*' ? 0 : type.endsWith('/*') ? 1 : 2;
  return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0, specificity, place };
}
