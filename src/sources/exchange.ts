import { type Dispatcher, request } from 'undici';
import { retryAfterMs, withRetries } from './retries.ts';
import { changedSource, notAllowed, notReadable, SourceFault } from './source-fault.ts';
import type { SourceLimits } from './source-settings.ts';

/** How servers are reached. */
export type Network = { readonly dispatcher: Dispatcher; readonly limits: SourceLimits };

/** A request to a server. */
export type Ask = {
  readonly method: 'GET' | 'PUT';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
};

type Answer = Dispatcher.ResponseData;

/**
 * Sends a request, and again while what goes wrong may pass. No redirect is followed, and no compression asked for.
 * @param ask makes the request of each try
 * @param take reads an answer of the status that is expected
 * @param isKnown whether the source was there when the job was submitted
 * @throws SourceFault
 */
export function exchange(
  { dispatcher, limits }: Network,
  { ask, status, isKnown, take }: { ask: () => Promise<Ask>; status: number; isKnown: boolean; take: (answer: Answer) => Promise<void> },
  signal: AbortSignal,
): Promise<void> {
  return withRetries(
    async () => {
      const late = AbortSignal.timeout(limits.answerMs);
      try {
        const { url, method, headers, body = null } = await ask();
        const answer = await request(url, {
          dispatcher,
          method,
          headers: { ...headers, 'accept-encoding': 'identity' },
          body,
          headersTimeout: limits.headersMs,
          signal: AbortSignal.any([signal, late]),
        });
        await ended(answer, () => (answer.statusCode === status ? take(answer) : throwForStatus(answer, isKnown)));
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof SourceFault) throw error;
        throw unreachable(late.aborted ? `gives no whole answer within ${limits.answerMs / 1000} s` : `fails with ${codeOf(error)}`);
      }
    },
    limits,
    signal,
  );
}

/** Takes an answer; of a body that is not read to its end the connection is closed. */
async function ended({ body }: Answer, take: () => Promise<void> | never): Promise<void> {
  try {
    await take();
  } finally {
    if (!body.readableEnded) body.on('error', () => {}).destroy();
  }
}

/** @throws SourceFault always: what a status says that is not the expected one */
function throwForStatus({ statusCode, headers }: Answer, isKnown: boolean): never {
  if (statusCode === 404 || statusCode === 410) throw isKnown ? changedSource('it is no longer there') : notAllowed();
  if (statusCode === 412) throw changedSource('its server says so');
  if (statusCode === 416)
    throw isKnown ? changedSource('it is shorter than when the job was submitted') : notReadable('the source is empty');
  if (statusCode === 200) throw notReadable('its server answers a request for a range with everything: it must know Range');
  const mayPass = statusCode === 408 || statusCode === 425 || statusCode === 429 || statusCode >= 500;
  const wait = retryAfterMs(headerText(headers['retry-after']));
  if (mayPass) throw unreachable(`answers ${statusCode}`, wait);
  const why = statusCode >= 300 && statusCode < 400 ? ': redirects are not followed' : '';
  throw new SourceFault('SOURCE_UNREACHABLE', `the server answers ${statusCode}${why}`);
}

/** The text of a header, which may stand there several times: then its values with commas between. */
export function headerText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value;
}

function unreachable(what: string, retryAfterMs?: number): SourceFault {
  return new SourceFault('SOURCE_UNREACHABLE', `the server ${what}`, { retryable: true, retryAfterMs });
}

/** The code of an error, whose message may name addresses. */
function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'an unknown error';
}
