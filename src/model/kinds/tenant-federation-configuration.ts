import { z } from 'zod';
import { scopedKind } from '../kind.ts';

/** CsTenantFederationConfiguration: the tenant's own switch and mode beside the deployment's; both must allow (D17). */
export const TenantFederationConfiguration = z.object({
  allowFederatedUsers: z.boolean().default(false).describe("the tenant's own switch; the deployment's must be on too"),
  allowedDomains: z
    .enum(['AllKnown', 'AllowedList'])
    .default('AllowedList')
    .describe('AllKnown: every domain that discovery finds; AllowedList: only allowed domains'),
  treatDiscoveredPartnersAsUnverified: z
    .boolean()
    .default(false)
    .describe('discovered partners are not believed about their senders'),
  sharedSipAddressSpace: z.boolean().default(false).describe('some users of our SIP domains live elsewhere; no effect yet'),
});
export type TenantFederationConfiguration = Readonly<z.infer<typeof TenantFederationConfiguration>>;

/** The kind CsTenantFederationConfiguration. */
export const tenantFederationConfiguration = scopedKind({
  name: 'CsTenantFederationConfiguration',
  title: 'federation configuration of the tenant',
  about:
    "A tenant's own federation switch and mode. The deployment's switch and the tenant's must both allow. The one organisation of an on-premises deployment starts with its own open, so that only the deployment's has to be switched.",
  owner: 'tenant',
  edge: true,
  field: 'federation',
  schema: TenantFederationConfiguration,
  scopes: ['global'],
  example: '-AllowFederatedUsers $true',
});
