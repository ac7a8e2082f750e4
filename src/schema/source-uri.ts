import { z } from 'zod';
import { describeValue, quote } from '../errors/wording.ts';
import { expected } from './expected.ts';

/** Longest accepted URI, in code points. */
const longestUri = 2_048;

/** The URI of a path of Windows, which URL takes for a URI whose scheme is the drive; undefined for any other text. */
function uriOfDrive(text: string): string | undefined {
  const [, before, path] = /^(file:\/*)?([a-z]:[\\/].*)$/i.exec(text) ?? [];
  return path === undefined || (before !== undefined && !path.includes('\\')) ? undefined : URL.parse(`file:///${path}`)?.href;
}

/** Where a tensor is stored, or numbers are to go. */
export const sourceUri = z
  .string(expected('a URI'))
  .min(1, 'expected a URI, got an empty text')
  .max(longestUri, `expected a URI of at most ${longestUri} characters`)
  .refine((text) => text === '' || URL.canParse(text), expected('a URI such as "file:///data/logits.npy" or "s3://bucket/logits.npy"'))
  .refine((text) => uriOfDrive(text) === undefined, {
    error: ({ input }) =>
      `expected a URI, got ${describeValue(input)}: as a URI it is ${quote(uriOfDrive(String(input)) ?? '')}, on the machine of the service`,
  })
  .meta({ id: 'SourceUri', description: '`file:`, `https:`, `http:` or `s3:`, below a prefix that the operator allows.' });
