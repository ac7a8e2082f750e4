import { type Ask, exchange, headerText, type Network } from './exchange.ts';
import { isPinned, type Pin, type Source } from './source.ts';
import { checkPin, notReadable, SourceFault } from './source-fault.ts';

type Answer = Parameters<Parameters<typeof exchange>[1]['take']>[0];

/** Makes a request for a source with some headers. */
type AskFor = (headers: Readonly<Record<string, string>>) => Promise<Ask>;

/** Reads by pieces: one that fails is read again from where it was cut. */
const longestPiece = 2 ** 24;

/**
 * A source on a server that answers ranges. Every answer is compared with the pin, since not all servers know If-Match.
 * @throws SourceFault
 */
export async function openRanges(
  network: Network,
  { uri, ask, pin, signal }: { uri: string; ask: AskFor; pin: Pin | undefined; signal: AbortSignal },
): Promise<Source> {
  // the first byte tells what a HEAD would, and that the server knows ranges
  const known = pin ?? (await firstPin(network, ask, signal));
  return {
    uri,
    size: known.size,
    pin: known,
    async read(from, into, aborted) {
      for (let begin = 0; begin < into.byteLength; begin += longestPiece) {
        const piece = into.subarray(begin, begin + longestPiece);
        await readPiece(network, { ask, pin: known, from: from + begin, into: piece }, aborted);
      }
    },
    async close() {},
  };
}

async function firstPin(network: Network, ask: AskFor, signal: AbortSignal): Promise<Pin> {
  let pin: Pin | undefined;
  const take = async (answer: Answer) => {
    pin = pinOf(answer, 0, 1);
    await fill(answer, new Uint8Array(1), 0, () => {});
  };
  await exchange(network, { ask: () => ask({ range: 'bytes=0-0' }), status: 206, isKnown: false, take }, signal);
  return pin as Pin;
}

type Piece = { readonly ask: AskFor; readonly pin: Pin; readonly from: number; readonly into: Uint8Array };

async function readPiece(network: Network, { ask, pin, from, into }: Piece, signal: AbortSignal): Promise<void> {
  let done = 0;
  // a weak ETag never matches
  const condition: Record<string, string> = pin.etag === undefined || pin.etag.startsWith('W/') ? {} : { 'if-match': pin.etag };
  await exchange(
    network,
    {
      ask: () => ask({ range: `bytes=${from + done}-${from + into.byteLength - 1}`, ...condition }),
      status: 206,
      isKnown: true,
      async take(answer) {
        checkPin(pin, pinOf(answer, from + done, from + into.byteLength));
        await fill(answer, into, done, (now) => {
          done = now;
        });
      },
    },
    signal,
  );
}

/** What an answer says that the source is now. @throws SourceFault where it holds other bytes than those from `begin` to `end` */
function pinOf({ headers }: Answer, begin: number, end: number): Pin {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headerText(headers['content-range']) ?? '') ?? [];
  if (Number(first) !== begin || Number(last) !== end - 1) throw notReadable('its server answers other bytes than it was asked for');
  const coding = headerText(headers['content-encoding']) ?? 'identity';
  if (coding !== 'identity') throw notReadable('its server compresses ranges, although it was asked not to');
  const [etag, version, lastModified] = ['etag', 'x-amz-version-id', 'last-modified'].map((name) => headerText(headers[name]));
  const pin: Pin = {
    size: Number(total),
    ...(etag === undefined ? {} : { etag }),
    ...(version === undefined || version === 'null' ? {} : { version }),
  };
  // the date says nothing that the others do not say better
  return isPinned(pin) || lastModified === undefined ? pin : { ...pin, lastModified };
}

/** Copies a body into memory from `done` on, up to its end. A failure after its last byte is none. */
async function fill({ body }: Answer, into: Uint8Array, done: number, progress: (done: number) => void): Promise<void> {
  let at = done;
  try {
    for await (const chunk of body) {
      if (at + chunk.byteLength > into.byteLength) throw notReadable('its server answers more bytes than it was asked for');
      into.set(chunk, at);
      at += chunk.byteLength;
      progress(at);
    }
  } catch (error) {
    if (error instanceof SourceFault || at < into.byteLength) throw error;
  }
  if (at < into.byteLength) throw new SourceFault('SOURCE_UNREACHABLE', 'the answer of the server was cut short', { retryable: true });
}
