import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { ManagementState } from '../change-plan.ts';
import type { CommandDefinition } from '../command.ts';
import type { ObjectDraft, RuleOutcome } from '../object-noun.ts';
import { parameterTitle } from '../parameter-reader.ts';
import { singletonCommands } from '../singleton-commands.ts';

/** Attributes that mean something with one routing method only. */
const attributesOfMethod = {
  UseDnsSrvRouting: ['enablePartnerDiscovery', 'discoveredPartnerVerificationLevel'],
  UseDefaultRouting: ['defaultRouteFqdn', 'isPublicProvider', 'verificationLevel'],
} as const;

/** Get and Set of the deployment's switches for everything that crosses the Edge. */
export const accessEdgeConfigurationCommands: readonly CommandDefinition[] = singletonCommands({
  kind: 'CsAccessEdgeConfiguration',
  title: 'access edge configuration',
  example: '-AllowFederatedUsers $true -EnablePartnerDiscovery $false',
  switches: {
    useDnsSrvRouting: { routingMethod: 'UseDnsSrvRouting' },
    useDefaultRouting: { routingMethod: 'UseDefaultRouting' },
  },
  aliases: { defaultroute: 'defaultRouteFqdn' },
  help: {
    allowFederatedUsers: 'federation and shared address spaces as a whole',
    allowOutsideUsers: 'our own users over the Internet; no effect yet',
    allowAnonymousUsers: 'people without an account, in conferences; no effect yet',
    routingMethod: 'how partners are found',
    enablePartnerDiscovery: 'domains on no list are reached if DNS names their Edge',
    discoveredPartnerVerificationLevel: 'how far discovered partners are believed',
    defaultRouteFqdn: 'with UseDefaultRouting: the server that takes everything',
    isPublicProvider: 'with UseDefaultRouting: the default route is a public provider',
    verificationLevel: 'with UseDefaultRouting: how far the default route is believed',
    enableArchivingDisclaimer: 'tells partners that messages are archived',
    markSourceVerifiableOnOutgoingMessages: 'vouches for our senders',
    outgoingTlsCountForFederatedPartners: 'connections per partner',
  },
  rules,
});

function rules(state: ManagementState, { body, before, given }: ObjectDraft<'CsAccessEdgeConfiguration'>): Result<RuleOutcome> {
  const { routingMethod } = body;
  const foreign = attributesOfMethod[routingMethod === 'UseDnsSrvRouting' ? 'UseDefaultRouting' : 'UseDnsSrvRouting'];
  const attribute = foreign.find(name => given.has(name) && body[name] !== null && body[name] !== false);
  if (attribute) return err(failure('ROUTING_ATTRIBUTE_MISMATCH', { parameter: parameterTitle(attribute), routingMethod }));
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
