import { refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';

/** A place in the list of a client's jobs, the newest first. */
export type Position = { readonly createdAt: number; readonly id: string };

/** A position as clients keep it. */
export function cursorAt({ createdAt, id }: Position): string {
  return Buffer.from(`${createdAt} ${id}`).toString('base64url');
}

/** The job that stands there need not be there any more. @throws RequestError INVALID_VALUE for a text that is no cursor */
export function positionOf(cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined;
  const [, createdAt, id = ''] = /^(\d{1,15}) ([\w-]+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const position = { createdAt: Number(createdAt), id };
  if (cursorAt(position) === cursor) return position;
  throw refuse(
    'INVALID_VALUE',
    '#/cursor',
    `expected the cursor of the page before, got ${quote(cursor)}: leave it out for the first page`,
  );
}
