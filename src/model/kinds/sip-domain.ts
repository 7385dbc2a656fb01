import { z } from 'zod';
import { countOf } from '../../base/count-text.ts';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { commentField, sipDomainField } from '../field.ts';
import { type AnyObject, namedKind, type ObjectDraft, type RuleOutcome, type RuleState } from '../kind.ts';
import { domainOfAor } from '../names.ts';

/** CsSipDomain; its identity is the domain. Works once `verified`: a TXT record proves whose it is (D18). */
export const SipDomainEntry = z.object({
  isDefault: z.boolean().default(false).describe('the main one of the tenant, as it is shown; exactly one is'),
  verified: z.boolean().default(false).describe('its proof was found; set by Confirm-CsSipDomain'),
  proofToken: z.string().default('').describe('what the TXT record `_parley-proof.DOMAIN` has to hold'),
});
export type SipDomainEntry = Readonly<z.infer<typeof SipDomainEntry>>;

/** CsAdditionalInternalDomain; its identity is the domain: internal for routing, but no user lives there. */
export const AdditionalInternalDomain = z.object({ comment: commentField.describe('note for admins') });
export type AdditionalInternalDomain = Readonly<z.infer<typeof AdditionalInternalDomain>>;

/** What both kinds have in common: a domain belongs to one tenant of all. */
const anOwnDomain = {
  owner: 'tenant',
  edge: true,
  identity: sipDomainField,
  uniqueKeys: ({ identity }: Pick<AnyObject, 'identity'>) => [`sip-domain ${identity}`],
  // says nothing about whose it is: another tenant's domains are none of this tenant's business
  taken: (_key: string, { identity }: Pick<AnyObject, 'identity'>) => failure('SIP_DOMAIN_TAKEN', { identity }),
} as const;

/** The kind CsSipDomain. */
export const sipDomain = namedKind({
  ...anOwnDomain,
  name: 'CsSipDomain',
  title: 'SIP domain',
  about: 'A domain in the addresses of our users. At a provider it works after its proof: a TXT record in DNS.',
  field: 'sipDomains',
  schema: SipDomainEntry,
  identityHelp: 'the domain in the addresses of users',
  computed: ['verified', 'proofToken'],
  example: '-Identity contoso.com -IsDefault $true',
  // the first tenant of an on-premises deployment is the organisation itself (D18)
  fill: facts => (facts.isOwnOrganisation ? { verified: true } : { verified: false, proofToken: facts.token() }),
  rules: sipDomainRules,
  removalRules(state, { owner, identity, body }) {
    let users = 0;
    for (const user of state.users.all()) if (user.tenant === owner && domainOfAor(user.aor) === identity) users++;
    if (users > 0) {
      const use = `${countOf(users, 'user')} with an address in it`;
      return err(failure('OBJECT_IN_USE', { noun: 'CsSipDomain', identity, use }));
    }
    const isLast = state.configuration.list('CsSipDomain', owner).length === 1;
    return body.isDefault && !isLast ? err(failure('DEFAULT_SIP_DOMAIN_REQUIRED', { domain: identity })) : ok({});
  },
});

/** The kind CsAdditionalInternalDomain. */
export const additionalInternalDomain = namedKind({
  ...anOwnDomain,
  name: 'CsAdditionalInternalDomain',
  title: 'additional internal domain',
  about: 'A domain that counts as ours for routing although no user has an address in it.',
  field: 'additionalInternalDomains',
  schema: AdditionalInternalDomain,
  identityHelp: 'a domain that is internal for routing although no user lives here',
  aliases: { domain: 'identity' },
  example: '-Identity contoso.onmicrosoft.com',
});

/** Keeps exactly one default: the first domain becomes it, and a new default takes it from the old one. */
function sipDomainRules(
  state: RuleState,
  { owner, identity, body, before }: ObjectDraft<SipDomainEntry>,
): Result<RuleOutcome<SipDomainEntry>> {
  const notices = body.verified
    ? []
    : [
        `It works after its proof: publish the TXT record _parley-proof.${identity} with the value ${body.proofToken}, then run parley tenant domain verify ${identity}.`,
      ];
  const others = state.configuration.list('CsSipDomain', owner).filter(object => object.identity !== identity);
  const defaults = others.filter(object => object.body.isDefault === true);
  if (!body.isDefault) {
    if (defaults.length > 0) return ok({ notices });
    if (before) return err(failure('DEFAULT_SIP_DOMAIN_REQUIRED', { domain: identity }));
    return ok({ notices, body: { ...body, isDefault: true } });
  }
  const also = defaults.map(object => ({ ...object, body: { ...(object.body as SipDomainEntry), isDefault: false } }));
  return ok({ notices, also });
}
