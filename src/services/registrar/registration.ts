import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { RegistrarConfiguration } from '../../model/server-settings.ts';
import type { SipRequest } from '../../sip/message.ts';
import { type NameAddress, parseNameAddress } from '../../sip/name-address.ts';
import { parseSipUri, serialiseSipUri } from '../../sip/uri.ts';

/** One Contact of a REGISTER, judged and clipped to the registrar's limits. `expiresSeconds: 0` = remove. */
export interface RegisteredContact {
  readonly uri: string;
  /** What tells this endpoint from the user's others: `+sip.instance`, else epid, else the Contact URI. */
  readonly instance: string;
  readonly expiresSeconds: number;
  /** q in thousandths, 0…1000. */
  readonly priority: number;
}

/** What a REGISTER asks for. */
export type Registration =
  | { readonly kind: 'query' }
  | { readonly kind: 'remove-all' }
  | { readonly kind: 'contacts'; readonly contacts: readonly RegisteredContact[] };

const maxContacts = 16;

/**
 * Reads what a REGISTER asks for (rfc3261 10.3 steps 6 and 7). Fails with MESSAGE_MALFORMED, or BINDING_EXPIRY_TOO_BRIEF
 * where a Contact asks for less than the registrar's minimum.
 */
export function readRegistration(request: SipRequest, limits: RegistrarConfiguration): Result<Registration> {
  const values = request.list('Contact');
  if (values.length === 0) return ok({ kind: 'query' });
  if (values.length > maxContacts) return malformed(`more than ${maxContacts} Contacts`);
  const general = readSeconds(request.get('Expires'));
  if (values.some(value => value.trim() === '*')) {
    return values.length === 1 && general === 0
      ? ok({ kind: 'remove-all' })
      : malformed('Contact * needs Expires: 0 and no other Contact');
  }
  const epid = request.from.params.get('epid');
  const contacts: RegisteredContact[] = [];
  for (const value of values) {
    const address = parseNameAddress(value);
    const contact = address ? readContact(address, general, epid, limits) : malformed('a Contact cannot be read');
    if (!contact.ok) return contact;
    contacts.push(contact.value);
  }
  return ok({ kind: 'contacts', contacts });
}

function readContact(
  address: NameAddress,
  general: number | undefined,
  epid: string | undefined,
  limits: RegistrarConfiguration,
): Result<RegisteredContact> {
  const uri = parseSipUri(address.uri);
  if (!uri.ok) return malformed('a Contact is no sip: address');
  const wanted = readSeconds(address.params.get('expires')) ?? general ?? limits.defaultEndpointExpirationSeconds;
  if (wanted > 0 && wanted < limits.minEndpointExpirationSeconds) {
    return err(failure('BINDING_EXPIRY_TOO_BRIEF', { expires: wanted, min: limits.minEndpointExpirationSeconds }));
  }
  const canonical = serialiseSipUri(uri.value);
  const instance = address.params.get('+sip.instance')?.replace(/^"|"$/g, '');
  return ok({
    uri: canonical,
    instance: instance || (epid ? `epid:${epid}` : canonical),
    expiresSeconds: Math.min(wanted, limits.maxEndpointExpirationSeconds),
    priority: readPriority(address.params.get('q')),
  });
}

function readSeconds(text: string | undefined): number | undefined {
  // rfc3261 20.19: a value that cannot be read counts as 3600; the registrar then clips it
  return text === undefined ? undefined : /^\d{1,10}$/.test(text) ? Number(text) : 3600;
}

function readPriority(text: string | undefined): number {
  return text !== undefined && /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Math.round(Number(text) * 1000) : 1000;
}

function malformed(detail: string): Result<never> {
  return err(failure('MESSAGE_MALFORMED', { detail }));
}
