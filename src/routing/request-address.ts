import { type Failure, failure } from '../base/failure.ts';
import { RecentTexts } from '../base/recent-texts.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Aor, aorOfUri, canonicalName, type SipDomain } from '../model/names.ts';
import type { SipMessage, SipRequest } from '../sip/message.ts';
import { parseNameAddress } from '../sip/name-address.ts';
import { parseUri } from '../sip/uri.ts';

/** Whom a URI names: a user of a domain, or a domain's server itself (no user part). */
export interface AddressedParty {
  readonly domain: SipDomain;
  /** Absent where the URI has no user part. */
  readonly aor?: Aor;
  /** The URI has headers escaped into it (rfc3261 19.1.1). */
  readonly hasHeaders: boolean;
}

/** People write to each other more than once; a party of one text is one object, whose names the look-ups behind it need not hash again. */
const recentParties = new RecentTexts<AddressedParty, Failure>(8192, parseParty, party => !('kind' in party));

/** Reads whom a sip: or sips: URI names. Fails with URI_SCHEME_NOT_SUPPORTED or MESSAGE_MALFORMED. */
export function readParty(uriText: string): Result<AddressedParty> {
  const party = recentParties.of(uriText);
  return 'kind' in party ? err(party) : ok(party);
}

function parseParty(uriText: string): AddressedParty | Failure {
  const uri = parseUri(uriText);
  if (!uri.ok) return failure('MESSAGE_MALFORMED', { detail: `the address ${uriText.slice(0, 200)} cannot be read` });
  if (uri.value.kind !== 'sip') return failure('URI_SCHEME_NOT_SUPPORTED', { uri: uriText.slice(0, 200) });
  const { user, host, headers } = uri.value;
  const domain = canonicalName(host) as SipDomain;
  const hasHeaders = headers !== undefined;
  return user === undefined ? { domain, hasHeaders } : { domain, hasHeaders, aor: aorOfUri(user, domain) };
}

/**
 * Whom the Request-URI names. Fails as `readParty`; headers escaped into it are malformed (rfc3261 19.1.1): passed on they might become
 * headers somewhere.
 */
export function readRequestUri(request: SipRequest): Result<AddressedParty> {
  const party = readParty(request.requestUri);
  if (!party.ok || !party.value.hasHeaders) return party;
  return err(failure('MESSAGE_MALFORMED', { detail: 'the Request-URI has headers' }));
}

/** Whom To names. Fails with MESSAGE_MALFORMED, for another scheme too: 416 is about the Request-URI alone (rfc3261 21.4.14). */
export function readTo(request: SipRequest): Result<AddressedParty> {
  return readSipParty('To', request.toUri);
}

function readSipParty(header: string, uriText: string): Result<AddressedParty> {
  const party = readParty(uriText);
  if (party.ok || party.error.code !== 'URI_SCHEME_NOT_SUPPORTED') return party;
  return err(failure('MESSAGE_MALFORMED', { detail: `${header} is no sip: address` }));
}

/** A party that is a user. */
export type AddressedUser = AddressedParty & { readonly aor: Aor };

/** Whom From names. Fails as `readTo`; a From without user part is malformed here. */
export function readFrom(request: SipRequest): Result<AddressedUser> {
  const party = readSipParty('From', request.fromUri);
  if (!party.ok) return party;
  if (!isUser(party.value)) return err(failure('MESSAGE_MALFORMED', { detail: 'From has no user part' }));
  return ok(party.value);
}

function isUser(party: AddressedParty): party is AddressedUser {
  return party.aor !== undefined;
}

/** The user addresses among the P-Asserted-Identity values (rfc3325 9.1); what cannot be read names nobody. */
export function assertedAddresses(request: SipRequest): readonly Aor[] {
  const addresses: Aor[] = [];
  for (const value of request.list('P-Asserted-Identity')) {
    const address = parseNameAddress(value);
    const party = address && readParty(address.uri);
    if (party?.ok && party.value.aor !== undefined) addresses.push(party.value.aor);
  }
  return addresses;
}

/** The domains of all P-Asserted-Identity values (rfc3325 9.1); a failure if one cannot be read. */
export function assertedDomains(message: SipMessage): Result<readonly SipDomain[], Failure> {
  if (!message.has('P-Asserted-Identity')) return ok([]);
  const domains: SipDomain[] = [];
  for (const value of message.list('P-Asserted-Identity')) {
    const address = parseNameAddress(value);
    if (address?.uri.toLowerCase().startsWith('tel:')) continue;
    const party = address
      ? readParty(address.uri)
      : err(failure('MESSAGE_MALFORMED', { detail: 'P-Asserted-Identity cannot be read' }));
    if (!party.ok) return party;
    domains.push(party.value.domain);
  }
  return ok(domains);
}
