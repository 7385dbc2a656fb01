/** The longest name DNS can carry, in characters without the trailing dot. */
const maxNameLength = 253;

/** Labels of letters, digits, hyphens and underscores, at most 63 characters each. */
const nameForm = /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;

/** A DNS name in the one form names are kept and compared in: lower case, no trailing dot. */
export function canonicalDnsName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** True for a canonical name that can be asked for. */
export function isDnsName(name: string): boolean {
  return name.length <= maxNameLength && nameForm.test(name);
}
