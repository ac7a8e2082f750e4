/**
 * Returns the candidate that a typing slip most likely meant; undefined where none is near.
 *
 * @param mostEdits how many letters may differ from a candidate of a length
 */
export function nearest(
  word: string,
  candidates: readonly string[],
  mostEdits = (length: number) => Math.max(1, Math.floor(length / 3)),
): string | undefined {
  if (word.length > 40) return undefined;
  const lower = word.toLowerCase();
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  const isNear = best.distance < lower.length && best.distance <= mostEdits(best.candidate.length);
  return isNear ? best.candidate : undefined;
}

/**
 * Insertions, deletions and substitutions from a to b. Levenshtein; one row at a time, Wagner and Fischer 1974, doi:10.1145/321796.321811
 */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
  }
  return row[b.length];
}
