/** `1 user`, `2,000 users`, `2 policies`. */
export function countOf(count: number, singular: string): string {
  const plural = singular.endsWith('y') ? `${singular.slice(0, -1)}ies` : `${singular}s`;
  return `${count.toLocaleString('en-US')} ${count === 1 ? singular : plural}`;
}
