/** Names by their codes, which are counted from 0 in the order in which names were first seen. No string is made before it is asked for. */
type NameTable = { readonly nameOf: (code: number) => string; readonly size: () => number };

/** Names as codes of a table, which other lists may share. */
export type CodedNames = { readonly codes: Int32Array; readonly table: NameTable };

/** The names of all entries of a list. */
export type Names = readonly string[] | CodedNames;

export function isCoded(names: Names): names is CodedNames {
  return 'table' in names;
}

/** The name of an entry. */
export function nameAt(names: Names, at: number): string {
  return isCoded(names) ? names.table.nameOf(names.codes[at]) : names[at];
}
