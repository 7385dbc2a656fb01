import { z } from 'zod';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { fqdnField } from '../field.ts';
import { type ObjectDraft, type RuleOutcome, type RuleState, scopedKind } from '../kind.ts';
import { VerificationLevel } from '../verification-level.ts';

/** CsAccessEdgeConfiguration: the deployment's own switches for everything that crosses the Edge. One, global, closed by default. */
export const AccessEdgeConfiguration = z.object({
  allowFederatedUsers: z.boolean().default(false).describe('federation and shared address spaces as a whole'),
  allowOutsideUsers: z.boolean().default(true).describe('our own users over the Internet; no effect yet'),
  allowAnonymousUsers: z.boolean().default(false).describe('people without an account, in conferences; no effect yet'),
  routingMethod: z.enum(['UseDnsSrvRouting', 'UseDefaultRouting']).default('UseDnsSrvRouting').describe('how partners are found'),
  enablePartnerDiscovery: z.boolean().default(false).describe('domains on no list are reached if DNS names their Edge'),
  discoveredPartnerVerificationLevel: VerificationLevel.default('UseSourceVerification').describe(
    'how far discovered partners are believed',
  ),
  defaultRouteFqdn: fqdnField.nullable().default(null).describe('with UseDefaultRouting: the server that takes everything'),
  isPublicProvider: z.boolean().default(false).describe('with UseDefaultRouting: the default route is a public provider'),
  verificationLevel: VerificationLevel.default('UseSourceVerification').describe(
    'with UseDefaultRouting: how far the default route is believed',
  ),
  enableArchivingDisclaimer: z.boolean().default(false).describe('tells partners that messages are archived'),
  markSourceVerifiableOnOutgoingMessages: z.boolean().default(true).describe('vouches for our senders'),
  outgoingTlsCountForFederatedPartners: z.int().min(1).max(4).default(4).describe('connections per partner'),
});
export type AccessEdgeConfiguration = Readonly<z.infer<typeof AccessEdgeConfiguration>>;

/** The kind CsAccessEdgeConfiguration. */
export const accessEdgeConfiguration = scopedKind({
  name: 'CsAccessEdgeConfiguration',
  title: 'access edge configuration',
  about: 'The switches of the deployment for everything that crosses the Edge, and how partners are found. Closed until opened.',
  owner: 'deployment',
  edge: true,
  field: 'accessEdge',
  schema: AccessEdgeConfiguration,
  scopes: ['global'],
  switches: {
    useDnsSrvRouting: { routingMethod: 'UseDnsSrvRouting' },
    useDefaultRouting: { routingMethod: 'UseDefaultRouting' },
  },
  aliases: { defaultroute: 'defaultRouteFqdn' },
  example: '-AllowFederatedUsers $true -EnablePartnerDiscovery $false',
  rules,
});

/** Attributes that mean something with one routing method only, by parameter name. */
const attributesOfMethod = {
  UseDnsSrvRouting: {
    enablePartnerDiscovery: 'EnablePartnerDiscovery',
    discoveredPartnerVerificationLevel: 'DiscoveredPartnerVerificationLevel',
  },
  UseDefaultRouting: {
    defaultRouteFqdn: 'DefaultRouteFqdn',
    isPublicProvider: 'IsPublicProvider',
    verificationLevel: 'VerificationLevel',
  },
} as const;

function rules(
  state: RuleState,
  { body, before, given }: ObjectDraft<AccessEdgeConfiguration>,
): Result<RuleOutcome<AccessEdgeConfiguration>> {
  const { routingMethod } = body;
  const foreign = attributesOfMethod[routingMethod === 'UseDnsSrvRouting' ? 'UseDefaultRouting' : 'UseDnsSrvRouting'];
  const attributes = body as Readonly<Record<string, unknown>>;
  const parameter = Object.entries(foreign).find(
    ([name]) => given.has(name) && attributes[name] !== null && attributes[name] !== false,
  )?.[1];
  if (parameter) return err(failure('ROUTING_ATTRIBUTE_MISMATCH', { parameter, routingMethod }));
  const notices: string[] = [];
  if (routingMethod === 'UseDefaultRouting') {
    const providers = [...state.configuration.list('CsHostingProvider'), ...state.configuration.list('CsPublicProvider')];
    if (providers.length > 0) {
      return err(failure('PROVIDERS_EXIST', { providers: providers.map(provider => provider.identity).join(', ') }));
    }
    if (body.defaultRouteFqdn === null) return err(failure('DEFAULT_ROUTE_MISSING'));
    if (before?.routingMethod !== routingMethod) {
      notices.push('Everything for outside goes to the default route now; DNS is no longer asked.');
      if (body.enablePartnerDiscovery) notices.push('EnablePartnerDiscovery has no effect with a default route.');
    }
  }
  if (body.enablePartnerDiscovery && !before?.enablePartnerDiscovery && routingMethod === 'UseDnsSrvRouting') {
    notices.push('Limits for discovered partners do not exist yet: any domain with an Edge can reach users who may federate.');
  }
  if (body.allowFederatedUsers && !before?.allowFederatedUsers) {
    notices.push('Federation is on: each tenant has its own switch as well: parley tenant set TENANT --federation on.');
  }
  return ok({ notices });
}
