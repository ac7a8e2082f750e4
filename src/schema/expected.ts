import { describeValue } from '../errors/wording.ts';
import { nearest } from './nearest.ts';

type Issue = { readonly input?: unknown };

/** An error message for zod: what was expected, and what came. */
export function expected(what: string): { error: (issue: Issue) => string } {
  return { error: ({ input }) => `expected ${what}, got ${describeValue(input)}` };
}

/** An error message for zod: that this object was expected, and what came. An unknown field of an object has a message of its own. */
export function expectedObject(what: string): { error: (issue: Issue & { readonly code?: string }) => string | undefined } {
  return { error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : expected(what).error(issue)) };
}

/**
 * An error message for zod: which names were expected, what came, and the nearest name.
 * @param aliases what the names are called elsewhere
 * @param instead what to do in place of sending a name that is none of these
 */
export function expectedOneOf(
  names: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
  instead: Readonly<Record<string, string>> = {},
): { error: (issue: Issue) => string } {
  const list = names.map((name) => `"${name}"`).join(', ');
  return {
    error: ({ input }) => {
      const seen = `expected one of ${list}, got ${describeValue(input)}`;
      if (typeof input !== 'string') return seen;
      if (Object.hasOwn(instead, input)) return `${seen}; ${instead[input]}`;
      const near = aliasOf(input, aliases) ?? nearest(input, names);
      return near === undefined ? seen : `${seen}. Did you mean "${near}"?`;
    },
  };
}

function aliasOf(name: string, aliases: Readonly<Record<string, string>>): string | undefined {
  const asked = name.toLowerCase();
  return Object.hasOwn(aliases, asked) ? aliases[asked] : undefined;
}
