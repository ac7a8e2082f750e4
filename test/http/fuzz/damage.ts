import fc from 'fast-check';
import { type Format, formats, jsonOf, type Message } from './formats.ts';
import { listRequests } from './lists.ts';
import { familyRequests, type Request, requests, type Side } from './request.ts';
import { base64, flat, nested } from './tensors.ts';

/** Where a body is cut into two chunks, as a part of its length; undefined for one chunk. */
const cuts = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined });

/** What may stand in the place of any JSON value, and what is none. */
const oddTexts = ['null', 'true', '"NaN"', '"-Infinity"', '1e999', '-1', '0', '[]', '{}', '[[]]', '"x"', '[1]', '{"a":1}'].concat([
  'NaN',
  '-Infinity',
  '1 2',
  '01',
  '',
  '\\',
  '"',
  '\ud800',
]);

/** How a value of a text, or a member with its name, is edited. */
const edits: readonly ((piece: string, odd: string) => string)[] = [
  (_, odd) => odd,
  (piece) => `${piece},${piece}`,
  (piece, odd) => `${piece},${piece.split(':')[0]}:${odd}`,
  (piece, odd) => `[${piece},${odd}]`,
  (piece) => `"other":1,${piece}`,
  (piece) => `{"__proto__":${piece}}`,
  (piece) => piece.slice(1),
  (piece) => piece.slice(0, -1),
];

const jsonForms = [nested, flat, (side: Side) => base64(side, 'float64')];

/** Lists of outcomes with the options under which a derivation, which shows tensors, answers as the others do. */
const summedLists = listRequests.map(({ options: { divergences: _, pseudocount: __, ...options }, ...sides }) => ({
  ...sides,
  options: { ...options, reduction: 'sum' },
}));

/** The JSON of requests, edited at one value or member inside of it. */
export const editedTexts: fc.Arbitrary<{ readonly text: string; readonly cut: number | undefined }> = fc
  .record({
    request: fc.oneof({ weight: 3, arbitrary: requests }, { weight: 1, arbitrary: summedLists }),
    form: fc.constantFrom(...jsonForms),
    at: fc.nat(),
    edit: fc.constantFrom(...edits),
    odd: fc.constantFrom(...oddTexts),
    cut: cuts,
  })
  .map(({ request, form, at, edit, odd, cut }) => {
    const value = jsonOf(request, form);
    let pieces = 0;
    jsonText(value, (piece) => {
      pieces++;
      return piece;
    });
    // the last piece is the whole text
    let left = at % (pieces - 1);
    return { text: jsonText(value, (piece) => (left-- === 0 ? edit(piece, odd) : piece)), cut };
  });

/** JSON text, each piece of which `touch` may change: values, and members of objects. */
function jsonText(value: unknown, touch: (piece: string) => string): string {
  if (Array.isArray(value)) return touch(`[${value.map((one) => jsonText(one, touch)).join(',')}]`);
  if (typeof value !== 'object' || value === null) return touch(JSON.stringify(value));
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return touch(`{${members.map(([name, member]) => touch(`${JSON.stringify(name)}:${jsonText(member, touch)}`)).join(',')}}`);
}

/** How bytes are damaged at a place. */
const damages: Readonly<Record<string, (bytes: Buffer, at: number, byte: number) => Buffer>> = {
  'cut off': (bytes, at) => bytes.subarray(0, at),
  'cut off before': (bytes, at) => bytes.subarray(at),
  changed: (bytes, at, byte) => Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at + 1)]),
  'put in': (bytes, at, byte) => Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at)]),
  'taken out': (bytes, at) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
  repeated: (bytes, at) => Buffer.concat([bytes, bytes.subarray(at)]),
};

/** Bytes that mean something in some format; a line feed would make two lines of one. */
const bytes = fc.oneof(fc.constantFrom(...Buffer.from('"\\[]{},:-09eNn \0\x80\xff', 'latin1')), fc.integer({ min: 11, max: 255 }));

export type Damaged = {
  readonly damage: string;
  readonly format: string;
  readonly request: Request;
  readonly message: Message;
  readonly read: Format['read'];
  readonly cut: number | undefined;
};

/** The bodies of requests in every format, damaged at one place, mostly near their beginning, where headers are. */
export const damagedBodies: fc.Arbitrary<Damaged> = fc
  .oneof({ weight: 2, arbitrary: requests }, { weight: 1, arbitrary: familyRequests }, { weight: 1, arbitrary: listRequests })
  .chain((request) => {
    const written = Object.entries(formats).flatMap(([format, { write, read }]) => {
      const message = write(request);
      return message === undefined ? [] : [{ format, request, message, read }];
    });
    return fc.record({
      written: fc.constantFrom(...written),
      damage: fc.constantFrom(...Object.keys(damages)),
      at: fc.oneof(fc.nat(250), fc.nat(10_000)),
      byte: bytes,
      cut: cuts,
    });
  })
  .map(({ written, damage, at, byte, cut }) => {
    const { message } = written;
    const body = damages[damage](message.body, 1 + (at % (message.body.length - 1)), byte);
    return { ...written, damage, message: { ...message, body }, cut };
  });
