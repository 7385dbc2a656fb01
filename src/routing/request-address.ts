import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Aor, aorFromParts, canonicalName, type SipDomain } from '../model/names.ts';
import type { SipRequest } from '../sip/message.ts';
import { type NameAddress, parseNameAddress } from '../sip/name-address.ts';
import { parseUri, type SipUri, unescapeUser } from '../sip/uri.ts';

/** Whom a URI names: a user of a domain, or a domain's server itself (no user part). */
export interface AddressedParty {
  readonly domain: SipDomain;
  /** Absent where the URI has no user part. */
  readonly aor?: Aor;
  readonly uri: SipUri;
}

/** Reads whom a sip: or sips: URI names. Fails with URI_SCHEME_NOT_SUPPORTED or MESSAGE_MALFORMED. */
export function readParty(uriText: string): Result<AddressedParty> {
  const uri = parseUri(uriText);
  if (!uri.ok) return err(failure('MESSAGE_MALFORMED', { detail: `the address ${uriText.slice(0, 200)} cannot be read` }));
  if (uri.value.kind !== 'sip') return err(failure('URI_SCHEME_NOT_SUPPORTED', { uri: uriText.slice(0, 200) }));
  const domain = canonicalName(uri.value.host) as SipDomain;
  const { user } = uri.value;
  return ok({ domain, uri: uri.value, ...(user === undefined ? {} : { aor: aorFromParts(unescapeUser(user), domain) }) });
}

/**
 * Whom the Request-URI names. Fails as `readParty`; headers escaped into it are malformed (rfc3261 19.1.1): passed on they might become
 * headers somewhere.
 */
export function readRequestUri(request: SipRequest): Result<AddressedParty> {
  const party = readParty(request.requestUri);
  if (!party.ok || party.value.uri.headers === undefined) return party;
  return err(failure('MESSAGE_MALFORMED', { detail: 'the Request-URI has headers' }));
}

/** Whom To names. Fails with MESSAGE_MALFORMED, for another scheme too: 416 is about the Request-URI alone (rfc3261 21.4.14). */
export function readTo(request: SipRequest): Result<AddressedParty> {
  return readSipParty('To', request.to.uri);
}

function readSipParty(header: string, uriText: string): Result<AddressedParty> {
  const party = readParty(uriText);
  if (party.ok || party.error.code !== 'URI_SCHEME_NOT_SUPPORTED') return party;
  return err(failure('MESSAGE_MALFORMED', { detail: `${header} is no sip: address` }));
}

/** Whom From names. Fails as `readTo`; a From without user part is malformed here. */
export function readFrom(request: SipRequest): Result<AddressedParty & { readonly aor: Aor; readonly address: NameAddress }> {
  const address = request.from;
  const party = readSipParty('From', address.uri);
  if (!party.ok) return party;
  const { aor } = party.value;
  if (aor === undefined) return err(failure('MESSAGE_MALFORMED', { detail: 'From has no user part' }));
  return ok({ ...party.value, aor, address });
}

/** The domains of all P-Asserted-Identity values (rfc3325 9.1); a failure if one cannot be read. */
export function assertedDomains(request: SipRequest): Result<readonly SipDomain[], Failure> {
  if (!request.has('P-Asserted-Identity')) return ok([]);
  const domains: SipDomain[] = [];
  for (const value of request.list('P-Asserted-Identity')) {
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
