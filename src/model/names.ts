import { domainToASCII } from 'node:url';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { canonicalUserPart, canonicalUserText, escapeUserPart, standsInUri } from '../sip/user-part.ts';

declare const brand: unique symbol;

/** A fully qualified host name, lower-case, without trailing dot. Made by `parseFqdn` only. */
export type Fqdn = string & { readonly [brand]: 'Fqdn' };
/** A SIP domain: the host part of user addresses, in the form of an `Fqdn`. Made by `parseSipDomain` only. */
export type SipDomain = string & { readonly [brand]: 'SipDomain' };
/**
 * An address of record without scheme in its one form, `user@domain`: the user part as `canonicalUserPart` makes it, the domain lower-case ASCII
 * (docs/decisions/0015-one-address-form.md). Made by `parseAor`, `parseAccountAor`, `aorOfUri` and `canonicalAor` only.
 */
export type Aor = string & { readonly [brand]: 'Aor' };
/** Identity of a tenant: a ULID. */
export type TenantId = string & { readonly [brand]: 'TenantId' };
/** Identity of a user: a ULID, stable over changes of address. */
export type UserId = string & { readonly [brand]: 'UserId' };

/** Names may not be longer than this; the rule partners of the original product keep. */
const maxNameLength = 256;
const hostName = /^(?=[^]{1,256}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** An address of somebody elsewhere may have a longer user part than one of ours: escapes make three characters of one. */
const maxUserLength = 256;
const maxAccountUserLength = 128;
/** What a URI cannot hold unescaped in its user part and people cannot tell from a slip. */
const notInText = /[\p{Cc}\p{Cf}\p{Z}\p{Noncharacter_Code_Point}<>"\\:@]/u;

/**
 * Reads a host name: letters, digits and hyphens (no underscore, no IP address); an international name becomes its ASCII form (rfc5891 4).
 * Fails with NAME_INVALID.
 */
export function parseFqdn(text: string): Result<Fqdn> {
  const name = canonicalName(/[^\0-\x7f]/.test(text) ? domainToASCII(text) : text);
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

/**
 * Reads an address as a person writes it: `user@domain` or `sip:user@domain`, Unicode or escaped as in a URI. Fails with ADDRESS_INVALID, which
 * says why.
 */
export function parseAor(text: string): Result<Aor> {
  return parseAddress(text, wrong => `${named(wrong)} is written ${escapeUserPart(canonicalUserText(wrong))} before the @`);
}

/** An address, or ADDRESS_INVALID; `adviceOn` says what to do about a character that cannot stand as it is. */
function parseAddress(text: string, adviceOn: (wrong: string) => string): Result<Aor> {
  const bare = text.trim().replace(/^sips?:/i, '');
  const at = bare.lastIndexOf('@');
  const user = bare.slice(0, Math.max(at, 0));
  const domain = parseSipDomain(bare.slice(at + 1));
  const why = at < 0 ? 'it has no @' : wrongUserText(user, adviceOn);
  if (why !== undefined) return invalidAddress(text, why);
  if (!domain.ok) return invalidAddress(text, 'what stands after the @ is no domain');
  const canonical = canonicalUserText(user);
  if (canonical.length > maxUserLength) return invalidAddress(text, `more than ${maxUserLength} characters stand before the @`);
  return ok(joined(canonical, domain.value));
}

/**
 * Reads the address of a user who is to be made here: none that has to be written with escapes, as nobody could type it and clients show it in
 * many ways, and none that another program would cut or take for a pattern. Fails as `parseAor`.
 */
export function parseAccountAor(text: string): Result<Aor> {
  const aor = parseAddress(text, wrong => `a user's address cannot have ${named(wrong)}`);
  if (!aor.ok) return aor;
  const user = userOfAor(aor.value);
  const kept = /%[0-9a-f]{2}/.exec(user)?.[0];
  if (kept !== undefined) return invalidAddress(text, `${kept} stands for a character that a user's address cannot have`);
  const sign = /[;/?*]/.exec(user)?.[0];
  if (sign !== undefined) return invalidAddress(text, `a user's address cannot have "${sign}"`);
  if (user.length <= maxAccountUserLength) return aor;
  return invalidAddress(text, `more than ${maxAccountUserLength} characters stand before the @`);
}

function wrongUserText(user: string, adviceOn: (wrong: string) => string): string | undefined {
  if (user === '') return 'nothing stands before the @';
  if (!user.isWellFormed()) return 'half of a surrogate pair is no character';
  const wrong = notInText.exec(user)?.[0];
  return wrong === undefined ? undefined : adviceOn(wrong);
}

/** A character for people: itself, or its number where it cannot be seen. */
function named(character: string): string {
  if (character === ' ') return 'a space';
  return /[\p{C}\p{Z}]/u.test(character) ? `the character U+${codeOf(character)}` : `"${character}"`;
}

function codeOf(character: string): string {
  return (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0');
}

function invalidAddress(address: string, why: string): Result<never> {
  return err(failure('ADDRESS_INVALID', { address, why }));
}

/** The address that the user and host part of a SIP URI name, both as they stand in it: escaped, one character per byte. */
export function aorOfUri(user: string, host: string): Aor {
  return joined(canonicalUserPart(user), canonicalName(host));
}

/** The one form of an address that nobody judges: stored by any version, or written in a play. */
export function canonicalAor(text: string): Aor {
  const at = text.lastIndexOf('@');
  return joined(canonicalUserText(text.slice(0, Math.max(at, 0))), canonicalName(text.slice(at + 1)));
}

function joined(user: string, domain: string): Aor {
  return `${user}@${domain}` as Aor;
}

/** The address as a SIP URI for headers and documents: ASCII only, everything escaped that a URI cannot hold. */
export function uriOfAor(aor: Aor): string {
  if (standsInUri(aor)) return `sip:${aor}`;
  const at = aor.lastIndexOf('@');
  return `sip:${escapeUserPart(aor.slice(0, at))}${aor.slice(at)}`;
}

/** The domain of an address. */
export function domainOfAor(aor: Aor): SipDomain {
  return aor.slice(aor.lastIndexOf('@') + 1) as SipDomain;
}

/** The user part of an address. */
export function userOfAor(aor: Aor): string {
  return aor.slice(0, aor.lastIndexOf('@'));
}
