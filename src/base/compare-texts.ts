/** Order of two texts by their code units, the same on every machine: negative when `a` comes first, 0 when they are equal. */
export function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
