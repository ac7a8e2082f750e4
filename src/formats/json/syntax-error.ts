import type { Fault } from '../../errors/request-error.ts';
import { appendPointer, quote } from '../../errors/wording.ts';
import { skipSpace } from './lexer.ts';
import type { NoteUnderflow } from './underflows.ts';

/** An open list or object, and the entry of it that is being read; none before a name. */
type Open = { readonly closer: ']' | '}'; entry: number | string | undefined };

type Walk = {
  readonly text: string;
  readonly maxDepth: number;
  readonly bareNumbers: boolean;
  readonly open: Open[];
  readonly noteUnderflow: NoteUnderflow;
  at: number;
};

type Wrong = { readonly wrong: string; readonly code?: Fault['code'] };

type Expecting = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or closer' | 'end';

/**
 * Where a text stops being JSON, for a text that JSON.parse has refused or that nests deeper than `maxDepth`; with `bareNumbers`, NaN,
 * Infinity and -Infinity do not stop it.
 * JSON.parse says no more than a character; this says which element of which tensor. Without recursion.
 */
export function jsonFault(text: string, maxDepth: number, bareNumbers = false): Fault {
  const walk = walkOver(text, maxDepth, bareNumbers);
  const { wrong, code = 'INVALID_JSON' } = goThrough(walk);
  return { pointer: pathOf(walk).reduce<string>(appendPointer, '#'), code, detail: `${lineAndColumn(walk)}: ${wrong}` };
}

/** Notes the numbers other than 0 that float64 reads as 0, in a text that is JSON. */
export function findUnderflows(text: string, maxDepth: number, bareNumbers: boolean, note: NoteUnderflow): void {
  goThrough(walkOver(text, maxDepth, bareNumbers, note));
}

function walkOver(text: string, maxDepth: number, bareNumbers: boolean, noteUnderflow: NoteUnderflow = () => {}): Walk {
  return { text, maxDepth, bareNumbers, open: [], noteUnderflow, at: 0 };
}

/** Goes through a text until something is wrong with it, if only that nothing follows. */
function goThrough(walk: Walk): Wrong {
  const { text } = walk;
  let next: Expecting | Wrong = 'value';
  while (typeof next === 'string') {
    walk.at = skipSpace(text, walk.at);
    next =
      walk.at < text.length
        ? take[next](walk, text[walk.at])
        : { wrong: text.trim() === '' ? 'the body is blank' : 'the text ends here, unfinished' };
  }
  return next;
}

function pathOf({ open }: Walk): (string | number)[] {
  return open.flatMap(({ entry }) => entry ?? []);
}

/** Takes what starts with a character from the text: what is expected after it, or what is wrong with it. */
const take: Record<Expecting, (walk: Walk, character: string) => Expecting | Wrong> = {
  value: takeValue,
  'value or ]': (walk, character) => (character === ']' ? close(walk) : takeValue(walk, character)),
  key: takeKey,
  'key or }': (walk, character) => (character === '}' ? close(walk) : takeKey(walk, character)),
  colon: (walk, character) => {
    if (character !== ':') return { wrong: `expected a colon, got ${quote(character)}` };
    walk.at++;
    return 'value';
  },
  'comma or closer': (walk, character) => {
    const top = walk.open[walk.open.length - 1];
    if (character === top.closer) return close(walk);
    if (character !== ',') return { wrong: `expected a comma or ${top.closer}, got ${quote(character)}` };
    walk.at++;
    top.entry = typeof top.entry === 'number' ? top.entry + 1 : undefined;
    return top.closer === ']' ? 'value' : 'key';
  },
  end: (_walk, character) => ({ wrong: `the value is complete, but ${quote(character)} follows` }),
};

function takeValue(walk: Walk, character: string): Expecting | Wrong {
  if (character === '[') return openUp(walk, { closer: ']', entry: 0 }, 'value or ]');
  if (character === '{') return openUp(walk, { closer: '}', entry: undefined }, 'key or }');
  const end = character === '"' ? endOfCheckedString(walk) : endOfLiteral(walk);
  if (typeof end !== 'number') return end;
  walk.at = end;
  return afterValue(walk);
}

function takeKey(walk: Walk, character: string): Expecting | Wrong {
  if (character === '}') return { wrong: 'a comma before }' };
  if (character !== '"') return { wrong: `expected a name in double quotes, got ${quote(character)}` };
  const end = endOfCheckedString(walk);
  if (typeof end !== 'number') return end;
  walk.open[walk.open.length - 1].entry = JSON.parse(walk.text.slice(walk.at, end));
  walk.at = end;
  return 'colon';
}

function openUp(walk: Walk, opened: Open, expecting: Expecting): Expecting | Wrong {
  if (walk.open.length === walk.maxDepth) return { wrong: `nested deeper than ${walk.maxDepth} levels`, code: 'DEPTH_LIMIT' };
  walk.open.push(opened);
  walk.at++;
  return expecting;
}

function close(walk: Walk): Expecting {
  walk.open.pop();
  walk.at++;
  return afterValue(walk);
}

function afterValue({ open }: Walk): Expecting {
  return open.length === 0 ? 'end' : 'comma or closer';
}

const escaped = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;

/** Where the string that starts here ends. */
function endOfCheckedString({ text, at: start }: Walk): number | Wrong {
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '"') return at + 1;
    if (character < ' ') return { wrong: `a string with a bare control character, ${quote(character)}` };
    if (character === '\\') {
      escaped.lastIndex = at + 1;
      if (!escaped.test(text)) return { wrong: `a string with an escape that JSON does not have, ${quote(text.slice(at, at + 2))}` };
      at = escaped.lastIndex - 1;
    }
  }
  return { wrong: 'a string that starts here and does not end' };
}

const literal = /[^\s,:[\]{}"]*/y;
const validLiteral = /^(-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|true|false|null)$/;

const bareNumber = /^(NaN|-?Infinity)$/;

const notANumber =
  'No divergence follows from NaN: find where it arose, or give its distribution the weight 0, where the string "NaN" is accepted';
const infinite = 'No element may be infinite: find where it overflowed';
const noMass = 'In logits and log_probs a mass of 0 is the string "-Infinity", with its quotes; in probs and counts it is 0';

/** What to send instead of what other languages write for numbers that JSON does not have. */
const notNumbers: Readonly<Record<string, string>> = {
  nan: notANumber,
  '-nan': notANumber,
  inf: infinite,
  '+inf': infinite,
  '-inf': noMass,
  infinity: infinite,
  '+infinity': infinite,
  '-infinity': noMass,
};

const pythonLiterals: Readonly<Record<string, string>> = { None: 'null', True: 'true', False: 'false' };

/** Where the number or word that starts here ends. */
function endOfLiteral(walk: Walk): number | Wrong {
  const { text, bareNumbers, at } = walk;
  literal.lastIndex = at;
  const [word] = literal.exec(text) ?? [''];
  if (validLiteral.test(word)) {
    if (underflows(word)) walk.noteUnderflow(pathOf(walk), word);
    return at + word.length;
  }
  if (bareNumbers && bareNumber.test(word)) return at + word.length;
  const lower = word.slice(0, 20).toLowerCase();
  if (Object.hasOwn(notNumbers, lower)) return { wrong: `${word} is not JSON. ${notNumbers[lower]}` };
  if (Object.hasOwn(pythonLiterals, word)) return { wrong: `${word} is Python, not JSON: json.dumps writes ${pythonLiterals[word]}` };
  if (/^[+-]?\.?\d/.test(word)) return { wrong: `${quote(word)} is not a JSON number` };
  if (text[at] === ']') return { wrong: 'a comma before ]' };
  return { wrong: `expected a value, got ${quote(word === '' ? text[at] : word)}` };
}

/** Whether a number has a digit other than 0 and is 0 in float64. */
function underflows(word: string): boolean {
  return Number(word) === 0 && /^[^eE]*[1-9]/.test(word);
}

function lineAndColumn({ text, at }: Walk): string {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', start)) {
    line++;
    start = end + 1;
  }
  return `line ${line}, column ${at - start + 1}`;
}
