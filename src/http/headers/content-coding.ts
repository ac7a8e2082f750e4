import type { IncomingHttpHeaders } from 'node:http';
import { type Preference, preferences } from './accept.ts';

/** The content codings of bodies and answers, the one that is preferred for an answer first. */
export const contentCodings = ['zstd', 'br', 'gzip', 'deflate'] as const;

export type ContentCoding = (typeof contentCodings)[number];

/** What says that a body is not encoded. */
const identity = 'identity';

/**
 * Returns the coding of a body in lower case, which may be one that the service does not know, or undefined if the body comes as it is.
 * https://www.rfc-editor.org/rfc/rfc9110#name-content-codings
 */
export function contentCodingOf({ 'content-encoding': named }: IncomingHttpHeaders): string | undefined {
  const coding = named === undefined ? '' : nameOf(named.trim().toLowerCase());
  return coding === '' || coding === identity ? undefined : coding;
}

export function isContentCoding(name: string): name is ContentCoding {
  return contentCodings.some((coding) => coding === name);
}

/**
 * Returns the offered coding that an Accept-Encoding header prefers: by quality, then by the order in `offered`. Returns undefined if the
 * header accepts none, or prefers an answer as it is. `*` stands for gzip, which every client can decode.
 * https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding
 */
export function preferredCoding(accepted: string | undefined, offered: readonly ContentCoding[]): ContentCoding | undefined {
  if (accepted === undefined) return undefined;
  const named = preferences(accepted).map((preference) => ({ ...preference, name: nameOf(preference.name) }));
  const qualityOf = (coding: string) => (find(named, coding) ?? (coding === 'gzip' ? find(named, '*') : undefined))?.quality ?? 0;
  const [best] = offered
    .map((coding) => ({ coding, quality: qualityOf(coding) }))
    .filter(({ quality }) => quality > 0 && quality >= qualityOf(identity))
    .sort((a, b) => b.quality - a.quality);
  return best?.coding;
}

function find(named: readonly Preference[], name: string): Preference | undefined {
  return named.find((preference) => preference.name === name);
}

/** x-gzip is an old name of gzip. */
function nameOf(coding: string): string {
  return coding === 'x-gzip' ? 'gzip' : coding;
}
