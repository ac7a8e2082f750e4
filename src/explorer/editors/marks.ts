import { type Finding, firstSentence } from '../state/findings.ts';
import { locate, type Place } from '../text/locate.ts';
import { readRows } from '../text/rows.ts';
import type { Mark } from './editor.ts';

/** Where a text of JSON stops being JSON, as the service says it. */
const lineAndColumn = /^line (\d+), column (\d+): /;

/**
 * Returns where findings about a tensor stand in its text: at the elements that their pointers name. What is no JSON is marked where the
 * service stopped reading; `firstLine` is the line of the request on which this text begins, counted from 0.
 */
export function marksOf(findings: readonly Finding[], text: string, firstLine: number): Mark[] {
  const placeOf = placesIn(text);
  return findings.flatMap(({ severity, words, ways }) => {
    const at = lineAndColumn.exec(words);
    const place = at === null ? undefined : placeAt(text, Number(at[1]) - 1 - firstLine, Number(at[2]) - 1);
    const said = words.replace(lineAndColumn, '');
    if (place !== undefined) return [{ ...place, severity, words: firstSentence(said) }];
    return ways.map((way, order) => ({ ...placeOf(way), severity, words: order === 0 ? firstSentence(said) : 'the same here' }));
  });
}

/** Returns how to find an element in a text of rows or of JSON. */
export function placesIn(text: string): (way: readonly string[]) => Place {
  const rows = readRows(text);
  return rows === undefined ? (way) => locate(text, way) : rows.placeOf;
}

function placeAt(text: string, line: number, column: number): Place | undefined {
  const lines = text.split('\n');
  if (line < 0 || line >= lines.length) return undefined;
  const begin = lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + Math.min(column, lines[line].length);
  return { from: begin, to: Math.min(text.length, begin + 1) };
}
