import { z } from 'zod';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { fqdnField, nameField, portField } from '../field.ts';
import { type AnyObject, namedKind, type ObjectDraft, type RuleState } from '../kind.ts';
import { VerificationLevel } from '../verification-level.ts';

const proxyFqdn = fqdnField.describe('the server that speaks for all its domains; cannot be changed later');
const enabled = z.boolean().default(false).describe('no traffic until true');
const verificationLevel = VerificationLevel.default('UseSourceVerification').describe(
  'how far the provider is believed about its senders',
);

/** CsHostingProvider; its identity is its name. One proxy speaks for many customers' domains. */
export const HostingProvider = z.object({
  proxyFqdn,
  enabled,
  enabledSharedAddressSpace: z.boolean().default(false).describe('some users of our own SIP domains live at the provider'),
  hostsOcsUsers: z.boolean().default(false).describe('it hosts SIP accounts; needs EnabledSharedAddressSpace'),
  isLocal: z.boolean().default(false).describe('the proxy is inside our own topology; no effect yet'),
  verificationLevel,
  autodiscoverUrl: z.url().nullable().default(null).describe('where clients of users homed there sign in; no effect yet'),
  sipClientPort: portField.default(443).describe('port for clients of users homed there; no effect yet'),
});
export type HostingProvider = Readonly<z.infer<typeof HostingProvider>>;

/** CsPublicProvider; its identity is its name. A consumer network: needs a policy bit of its own. */
export const PublicProvider = z.object({ proxyFqdn, enabled, verificationLevel });
export type PublicProvider = Readonly<z.infer<typeof PublicProvider>>;

/** Either kind of provider as decisions see it. */
export type Provider =
  | ({ readonly kind: 'hosting'; readonly name: string } & HostingProvider)
  | ({ readonly kind: 'public'; readonly name: string } & PublicProvider);

/** What both kinds have in common: names and proxies are unique over both. */
const aProvider = {
  owner: 'tenant',
  edge: true,
  identity: nameField,
  identityHelp: 'the name of the provider',
  verbs: ['New', 'Set', 'Get', 'Remove', 'Enable', 'Disable'],
  immutable: ['proxyFqdn'],
  uniqueKeys: ({ owner, identity, body }: Pick<AnyObject, 'owner' | 'identity' | 'body'>) => [
    `provider-name ${owner} ${identity.toLowerCase()}`,
    `provider-proxy ${owner} ${String(body.proxyFqdn)}`,
  ],
  taken(key: string, { identity, body }: Pick<AnyObject, 'identity' | 'body'>, holder: AnyObject & { readonly kind: string }) {
    if (key.startsWith('provider-name ')) return failure('PROVIDER_NAME_TAKEN', { identity, other: holder.kind });
    const details = { proxyFqdn: String(body.proxyFqdn), other: holder.identity, otherNoun: holder.kind };
    return failure('PROVIDER_PROXY_TAKEN', details);
  },
} as const;

/** The kind CsHostingProvider. */
export const hostingProvider = namedKind({
  ...aProvider,
  name: 'CsHostingProvider',
  title: 'hosting provider',
  about:
    'A provider that hosts many organisations behind one server. It is trust in that server; each domain behind it needs an allowed entry, or discovery.',
  field: 'hostingProviders',
  schema: HostingProvider,
  example: '-Identity LyncOnline -ProxyFqdn sipfed.online.lync.com -Enabled $true',
  exampleOfSet: '-Identity LyncOnline -VerificationLevel UseSourceVerification',
  rules(state, draft) {
    if (draft.body.hostsOcsUsers && !draft.body.enabledSharedAddressSpace) return err(failure('PROVIDER_SHAPE_INVALID'));
    return providerRules(state, draft);
  },
  removalRules(state, { owner, identity, body }) {
    for (const user of state.users.all()) {
      if (user.tenant !== owner || user.hostingProviderProxyFqdn !== body.proxyFqdn) continue;
      return err(failure('OBJECT_IN_USE', { noun: 'CsHostingProvider', identity, use: `${user.aor} is homed there` }));
    }
    return ok({});
  },
});

/** The kind CsPublicProvider. */
export const publicProvider = namedKind({
  ...aProvider,
  name: 'CsPublicProvider',
  title: 'public provider',
  about:
    'A consumer network behind one server. Its domains need no entry of their own; users need the policy bit EnablePublicCloudAccess.',
  field: 'publicProviders',
  schema: PublicProvider,
  example: '-Identity Contoso -ProxyFqdn federation.example.net -Enabled $true',
  exampleOfSet: '-Identity Contoso -VerificationLevel AlwaysUnverifiable',
  rules: providerRules,
});

/** Providers are found by the names in DNS answers, so they cannot be used with a default route. */
function providerRules(
  state: RuleState,
  { body, before }: Pick<ObjectDraft<{ readonly enabled: boolean }>, 'body' | 'before'>,
): Result<{ readonly notices: readonly string[] }> {
  const accessEdge = state.configuration.find('CsAccessEdgeConfiguration', 'deployment', 'global');
  if (accessEdge?.body.routingMethod === 'UseDefaultRouting') return err(failure('PROVIDERS_NEED_DNS_ROUTING'));
  return ok({ notices: !before && !body.enabled ? ['It is disabled: no traffic passes until Enabled is true.'] : [] });
}
