import { tensorNames } from '../core/comparison.ts';
import { refuse } from '../errors/request-error.ts';
import { isObject } from '../errors/wording.ts';
import { mostNamed, tooMany } from '../schema/jobs.ts';

/** Those of as many pairs with weights. */
const mostFiles = 3 * mostNamed;

/**
 * Refuses a job that names more than a job may, before the schema looks at each name: that makes a fault of each that is wrong, and a
 * million of them take three seconds.
 * @throws RequestError INVALID_VALUE
 */
export function refuseMany(body: unknown): void {
  if (!isObject(body)) return;
  const items = Array.isArray(body.items) ? body.items : [];
  if (items.length > mostNamed) throw refuse('INVALID_VALUE', '#/items', tooMany.pairs);
  let files = filesOf(body, '#');
  for (const [position, item] of items.entries()) files += filesOf(item, `#/items/${position}`);
  if (files > mostFiles) throw refuse('INVALID_VALUE', '#', `expected at most ${mostFiles} URIs in all, got ${files}`);
}

/** How many URIs a pair has. @throws RequestError INVALID_VALUE for a tensor of too many */
function filesOf(pair: unknown, pointer: string): number {
  if (!isObject(pair)) return 0;
  let files = 0;
  for (const name of tensorNames) {
    const operand = pair[name];
    const uri = isObject(operand) ? operand.uri : undefined;
    if (!Array.isArray(uri)) files += uri === undefined ? 0 : 1;
    else if (uri.length > mostNamed) throw refuse('INVALID_VALUE', `${pointer}/${name}/uri`, tooMany.uris);
    else files += uri.length;
  }
  return files;
}
