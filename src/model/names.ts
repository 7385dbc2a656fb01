import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';

declare const brand: unique symbol;

/** A fully qualified host name, lower-case, without trailing dot. Made by `parseFqdn` only. */
export type Fqdn = string & { readonly [brand]: 'Fqdn' };
/** A SIP domain: the host part of user addresses, in the form of an `Fqdn`. Made by `parseSipDomain` only. */
export type SipDomain = string & { readonly [brand]: 'SipDomain' };
/** An address of record without scheme, `user@domain`, lower-case. Made by `parseAor` and `aorFromParts` only. */
export type Aor = string & { readonly [brand]: 'Aor' };
/** Identity of a tenant: a ULID. */
export type TenantId = string & { readonly [brand]: 'TenantId' };
/** Identity of a user: a ULID, stable over changes of address. */
export type UserId = string & { readonly [brand]: 'UserId' };

/** Names may not be longer than this; the rule partners of the original product keep. */
const maxNameLength = 256;
const hostName = /^(?=[^]{1,256}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const userPart = /^[^\s@<>"\\;:/?]{1,128}$/;

/** Reads a host name: letters, digits and hyphens (no underscore, no Unicode, no IP address). Fails with NAME_INVALID. */
export function parseFqdn(text: string): Result<Fqdn> {
  const name = canonicalName(text);
  if (name.length > maxNameLength || !hostName.test(name) || /^[0-9.]+$/.test(name)) {
    return err(failure('NAME_INVALID', { name: text }));
  }
  return ok(name as Fqdn);
}

/** Reads a SIP domain under the same rule as a host name. Fails with NAME_INVALID. */
export function parseSipDomain(text: string): Result<SipDomain> {
  const name = parseFqdn(text);
  return name.ok ? ok(name.value as string as SipDomain) : name;
}

/** Lower-case and without the trailing dot; says nothing about validity. For comparing a domain taken from a message. */
export function canonicalName(text: string): string {
  const lower = text.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** Reads `user@domain` or `sip:user@domain`. Fails with ADDRESS_INVALID. */
export function parseAor(text: string): Result<Aor> {
  const bare = /^sips?:/i.test(text) ? text.slice(text.indexOf(':') + 1) : text;
  const at = bare.lastIndexOf('@');
  const domain = parseSipDomain(bare.slice(at + 1));
  const user = bare.slice(0, Math.max(at, 0));
  if (at < 1 || !domain.ok || !userPart.test(user)) return err(failure('ADDRESS_INVALID', { address: text }));
  return ok(aorFromParts(user, domain.value));
}

/** Joins user and domain parts that a parser has already found valid. */
export function aorFromParts(user: string, domain: string): Aor {
  return `${user}@${domain}`.toLowerCase() as Aor;
}

/** The domain of an address. */
export function domainOfAor(aor: Aor): SipDomain {
  return aor.slice(aor.lastIndexOf('@') + 1) as SipDomain;
}

/** The user part of an address. */
export function userOfAor(aor: Aor): string {
  return aor.slice(0, aor.lastIndexOf('@'));
}
