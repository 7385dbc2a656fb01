/** The entity tag of an object: its version. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/** The version an If-Match header asks for; undefined for `*` or none, NaN for something else. */
export function versionOfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(header.trim())?.[1];
  return version === undefined ? Number.NaN : Number(version);
}
