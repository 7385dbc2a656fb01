import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { RegistrarConfiguration } from '../../model/kinds/registrar-configuration.ts';
import type { SipRequest } from '../../sip/message.ts';
import { type NameAddress, parseNameAddress } from '../../sip/name-address.ts';
import { parseSipUri, serialiseSipUri } from '../../sip/uri.ts';

/** One Contact of a REGISTER, judged and clipped to the registrar's limits. `expiresSeconds: 0` = remove. */
export interface RegisteredContact {
  readonly uri: string;
  /** What tells this endpoint from the user's others: `+sip.instance`, else epid, else the Contact URI. */
  readonly instance: string;
  readonly expiresSeconds: number;
  /** `reg-id`: which of the endpoint's flows this is (rfc5626 4.2). */
  readonly regId?: number;
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
  const outbound = usesOutbound(request);
  const epid = request.from.params.get('epid');
  const contacts: RegisteredContact[] = [];
  for (const value of values) {
    const address = parseNameAddress(value);
    const contact = address ? readContact(address, { general, epid, outbound, limits }) : malformed('a Contact cannot be read');
    if (!contact.ok) return contact;
    contacts.push(contact.value);
  }
  return ok({ kind: 'contacts', contacts });
}

/**
 * Whether flows of this client are told apart by reg-id: it knows outbound, and nobody is between it and us who might not (rfc5626 6).
 */
export function usesOutbound(request: SipRequest): boolean {
  return request.list('Supported').some(tag => tag.toLowerCase() === 'outbound') && request.list('Via').length === 1;
}

/** What all Contacts of a REGISTER have in common. */
interface ContactSetting {
  /** Expires, seconds. */
  readonly general: number | undefined;
  readonly epid: string | undefined;
  readonly outbound: boolean;
  readonly limits: RegistrarConfiguration;
}

function readContact(address: NameAddress, { general, epid, outbound, limits }: ContactSetting): Result<RegisteredContact> {
  const uri = parseSipUri(address.uri);
  if (!uri.ok) return malformed('a Contact is no sip: address');
  const wanted = readSeconds(address.params.get('expires')) ?? general ?? limits.defaultEndpointExpirationSeconds;
  if (wanted > 0 && wanted < limits.minEndpointExpirationSeconds) {
    return err(failure('BINDING_EXPIRY_TOO_BRIEF', { expires: wanted, min: limits.minEndpointExpirationSeconds }));
  }
  const canonical = serialiseSipUri(uri.value);
  const instance = address.params.get('+sip.instance')?.replace(/^"|"$/g, '');
  // rfc5626 6: without an instance a reg-id says nothing
  const regId = outbound && instance ? readRegId(address.params.get('reg-id')) : undefined;
  return ok({
    uri: canonical,
    instance: instance || (epid ? `epid:${epid}` : canonical),
    expiresSeconds: Math.min(wanted, limits.maxEndpointExpirationSeconds),
    priority: readPriority(address.params.get('q')),
    ...(regId === undefined ? {} : { regId }),
  });
}

function readSeconds(text: string | undefined): number | undefined {
  // rfc3261 20.19: a value that cannot be read counts as 3600; the registrar then clips it
  return text === undefined ? undefined : /^\d{1,10}$/.test(text) ? Number(text) : 3600;
}

/** 1…2³¹−1 (rfc5626 4.2); what is none counts as absent. */
function readRegId(text: string | undefined): number | undefined {
  const id = text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return id >= 1 && id < 2 ** 31 ? id : undefined;
}

function readPriority(text: string | undefined): number {
  return text !== undefined && /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Math.round(Number(text) * 1000) : 1000;
}

function malformed(detail: string): Result<never> {
  return err(failure('MESSAGE_MALFORMED', { detail }));
}
