import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';

/** A DNS name in the one form names are compared in: lower case, no trailing dot. */
export function canonicalFqdn(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** Labels of letters, digits, hyphens and underscores, 63 characters each, 253 in all. */
const fqdnForm = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/** True for a lower-case host name that may be compared: no wildcard, no empty label, no control characters. */
export function isFqdn(name: string): boolean {
  return fqdnForm.test(name);
}

/**
 * True if one of `names` (dNSName entries of subjectAltName) is exactly `expectedFqdn`, letter case aside.
 * A wildcard never stands for a peer: `rfc5922 7.2` forbids it for domain identity, and partners' Edges have no wildcard names.
 */
export function matchesPeerName(names: readonly string[], expectedFqdn: string): boolean {
  const expected = canonicalFqdn(expectedFqdn);
  return isFqdn(expected) && names.some(name => canonicalFqdn(name) === expected);
}

/**
 * Requires that a peer bears at least one of the expected FQDNs and returns that one.
 * Fails with CERTIFICATE_NAME_MISMATCH.
 */
export function requirePeerName(names: readonly string[], expectedFqdns: readonly string[]): Result<string> {
  const found = expectedFqdns.find(expected => matchesPeerName(names, expected));
  if (found !== undefined) return ok(canonicalFqdn(found));
  return err(
    failure('CERTIFICATE_NAME_MISMATCH', {
      names: listNames(names),
      expected: expectedFqdns.length === 0 ? 'no name at all' : expectedFqdns.join(' or '),
    }),
  );
}

const maxListedNames = 5;

/** Names for a sentence: the first few, and how many more there are. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return '(none)';
  const listed = names.slice(0, maxListedNames).join(', ');
  return names.length <= maxListedNames ? listed : `${listed} and ${names.length - maxListedNames} more`;
}
