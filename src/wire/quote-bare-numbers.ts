/**
 * Puts quotes around the tokens NaN, Infinity and -Infinity of a text that is JSON but for them, as Python and Triton's clients write it.
 * What else is wrong with the text stays wrong.
 */
export function quoteBareNumbers(text: string): string {
  const pieces: string[] = [];
  const start = /["NI]/g;
  let copied = 0;
  for (let found = start.exec(text); found !== null; found = start.exec(text)) {
    const at = found.index;
    if (text[at] === '"') {
      start.lastIndex = endOfString(text, at);
      continue;
    }
    const word = text.startsWith('NaN', at) ? 'NaN' : text.startsWith('Infinity', at) ? 'Infinity' : undefined;
    if (word === undefined || isName(text, at + word.length)) continue;
    const from = word === 'Infinity' && text[at - 1] === '-' ? at - 1 : at;
    const to = at + word.length;
    pieces.push(text.slice(copied, from), '"', text.slice(from, to), '"');
    copied = to;
    start.lastIndex = to;
  }
  return pieces.join('') + text.slice(copied);
}

/** Whether the word that ends here is the name of a field: that has quotes in any JSON. */
function isName(text: string, end: number): boolean {
  let at = end;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return text[at] === ':';
}

/** Where the string that starts here ends; the end of the text where it does not. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}
