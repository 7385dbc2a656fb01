import { z } from 'zod';
import { failure } from '../../base/failure.ts';
import { ok } from '../../base/result.ts';
import { commentField, fqdnField, sipDomainField } from '../field.ts';
import { type AnyObject, namedKind } from '../kind.ts';
import { VerificationLevel } from '../verification-level.ts';

const includeSubdomains = z.boolean().default(false).describe('the entry stands for all domains below it as well');
const comment = commentField.describe('note for admins');

/** CsAllowedDomain; its identity is the domain. With `proxyFqdn` only that server speaks for the domain. */
export const AllowedDomain = z.object({
  proxyFqdn: fqdnField.nullable().default(null).describe('the only server that speaks for the domain; $Null: found by DNS SRV'),
  verificationLevel: VerificationLevel.default('UseSourceVerification').describe(
    'how far the partner is believed about its senders',
  ),
  includeSubdomains,
  markForMonitoring: z.boolean().default(false).describe('marked for reports; no effect yet'),
  comment,
});
export type AllowedDomain = Readonly<z.infer<typeof AllowedDomain>>;

/** CsBlockedDomain; its identity is the domain. */
export const BlockedDomain = z.object({ includeSubdomains, comment });
export type BlockedDomain = Readonly<z.infer<typeof BlockedDomain>>;

/** What both lists have in common: a domain is on one of them only. */
const onAList = {
  owner: 'tenant',
  edge: true,
  identity: sipDomainField,
  identityHelp: 'the SIP domain of the partner',
  aliases: { domain: 'identity' },
  uniqueKeys: ({ owner, identity }: Pick<AnyObject, 'owner' | 'identity'>) => [`federated-domain ${owner} ${identity}`],
  taken(_key: string, { identity }: Pick<AnyObject, 'identity'>, holder: { readonly kind: string }) {
    const other = holder.kind === 'CsAllowedDomain' ? 'allowed domains' : 'blocked domains';
    return failure('DOMAIN_ON_OTHER_LIST', { identity, other });
  },
} as const;

/** The kind CsAllowedDomain. */
export const allowedDomain = namedKind({
  ...onAList,
  name: 'CsAllowedDomain',
  title: 'allowed domain',
  about:
    'A domain of a partner that may talk to us. With a ProxyFqdn only that server speaks for it; without one its Edge is found by DNS.',
  field: 'allowedDomains',
  schema: AllowedDomain,
  example: '-Identity fabrikam.com -Comment "Contract 17"',
  exampleOfSet: '-Identity fabrikam.com -ProxyFqdn sip.fabrikam.com',
  rules: (_state, { body }) =>
    ok({ notices: body.markForMonitoring ? ['MarkForMonitoring is kept, and has no effect yet.'] : [] }),
});

/** The kind CsBlockedDomain. */
export const blockedDomain = namedKind({
  ...onAList,
  name: 'CsBlockedDomain',
  title: 'blocked domain',
  about: 'A domain of nobody we talk to, in neither direction, whatever else says.',
  field: 'blockedDomains',
  schema: BlockedDomain,
  example: '-Identity fabrikam.com',
  exampleOfSet: '-Identity fabrikam.com -IncludeSubdomains $true',
});
