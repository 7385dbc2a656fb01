import { canonicalDnsName } from './dns-name.ts';

/** A name without its first label: `sip.contoso.test` → `contoso.test`; empty for a single label. */
export function parentOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}

/**
 * The strict name rule: the SRV target, its host part removed, is exactly the SIP domain. A host deeper down or in another
 * domain is refused even if it resolves, and so is the bare domain itself: otherwise whoever controls one host name in DNS
 * could stand for a domain it does not own.
 */
export function passesStrictNameRule(target: string, domain: string): boolean {
  const expected = canonicalDnsName(domain);
  return expected !== '' && parentOf(canonicalDnsName(target)) === expected;
}
