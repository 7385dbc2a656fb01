import { failure } from '../base/failure.ts';
import type { Configuration, TenantConfiguration } from '../model/configuration.ts';
import type { EffectivePolicy } from '../model/effective-policy.ts';
import type { ExternalAccessPolicy } from '../model/kinds/external-access-policy.ts';
import type { Provider } from '../model/kinds/provider.ts';
import type { Fqdn } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { TraceEntry } from '../observe/decision-trace.ts';
import type { DomainClass } from './domain-class.ts';
import { type FederatedRequest, requestTypeOf } from './method-permission.ts';

/** Names of the steps of the federation decisions, as they stand in a decision trace. */
export const traceStep = {
  switch: 'federation switch',
  access: 'external access policy',
  network: 'policy for the network',
  domainClass: 'domain class',
  requestType: 'request type',
  route: 'federation route',
  edge: 'Edge pool',
  senderDomain: 'sender domain',
  targetDomain: 'target domain',
  assertedDomain: 'asserted domain',
  sharedPeer: 'shared address space',
  peerName: 'peer name',
  recipient: 'recipient',
  home: 'home of the recipient',
  userBlockList: 'block list of the recipient',
  acquaintance: 'verification of the sender',
} as const;

/** Name of one step. */
export type TraceStep = (typeof traceStep)[keyof typeof traceStep];

/** What each step keeps as evidence. */
interface StepEvidence {
  readonly [traceStep.switch]: TenantConfiguration;
  readonly [traceStep.access]: EffectivePolicy<ExternalAccessPolicy>;
  readonly [traceStep.network]: EffectivePolicy<ExternalAccessPolicy>;
  readonly [traceStep.domainClass]: DomainClass;
  readonly [traceStep.requestType]: FederatedRequest;
  readonly [traceStep.route]: string;
  readonly [traceStep.edge]: string;
  readonly [traceStep.senderDomain]: string;
  readonly [traceStep.targetDomain]: string;
  readonly [traceStep.assertedDomain]: string;
  readonly [traceStep.sharedPeer]: Provider;
  readonly [traceStep.peerName]: string;
  readonly [traceStep.recipient]: User;
  readonly [traceStep.home]: User;
  readonly [traceStep.userBlockList]: User;
  readonly [traceStep.acquaintance]: 'verified' | 'known';
}

const sentences: { readonly [S in TraceStep]: (evidence: StepEvidence[S]) => string } = {
  [traceStep.switch]: tenant => `Federation is on for the deployment and for the tenant ${tenant.name}.`,
  [traceStep.access]: policy => `The external access policy ${sourceText(policy)} allows people outside.`,
  [traceStep.network]: policy => `The policy ${sourceText(policy)} allows the network of this partner.`,
  [traceStep.domainClass]: describeClass,
  [traceStep.requestType]: request => `${requestTypeOf(request)} may cross between organisations.`,
  [traceStep.route]: edge => `Requests leave through the Edge pool ${edge}.`,
  [traceStep.edge]: edge => `Federation is on at the Edge pool ${edge}.`,
  [traceStep.senderDomain]: domain => `${domain} is a domain of this deployment.`,
  [traceStep.targetDomain]: domain => `${domain} is a domain of this deployment: the request ends here.`,
  [traceStep.assertedDomain]: domain => `The sender is asserted to be in ${domain}.`,
  [traceStep.sharedPeer]: provider => `The peer is the provider ${provider.name}, which shares our address space.`,
  [traceStep.peerName]: name => `The certificate of the peer holds the expected name ${name}.`,
  [traceStep.recipient]: user => `${user.aor} is an enabled user.`,
  [traceStep.home]: user =>
    user.hostingProviderProxyFqdn === 'SRV:'
      ? `${user.aor} is homed here, on ${user.registrarPool}.`
      : `${user.aor} is homed at the provider ${user.hostingProviderProxyFqdn}, whose policy applies.`,
  [traceStep.userBlockList]: user => `${user.aor} has not blocked the sender.`,
  [traceStep.acquaintance]: why =>
    why === 'verified'
      ? 'The sender is verified by its organisation.'
      : 'The sender is unverified, but a contact of the recipient.',
};

/** One plain sentence about an entry of a federation decision: what the step found, or why it refused. */
export function describeEntry(entry: TraceEntry): string {
  if (entry.failure) return entry.failure.text;
  const sentence = (sentences as Readonly<Record<string, ((evidence: never) => string) | undefined>>)[entry.step];
  return sentence ? sentence(entry.evidence as never) : `${entry.step}: passed.`;
}

/** One sentence that says what a domain is to a tenant and how it is reached. */
export function describeClass(domainClass: DomainClass): string {
  const { domain } = domainClass;
  switch (domainClass.kind) {
    case 'INTERNAL':
      return `${domain} is our own domain.`;
    case 'TENANT':
      return `${domain} belongs to the tenant ${domainClass.tenant.name} of this deployment.`;
    case 'ALLOWED_SERVER':
      return `${domain} is allowed and pinned to the server ${domainClass.allowed.entry.proxyFqdn}.`;
    case 'ALLOWED_DOMAIN':
      return `${domain} is on the allowed list; its SRV record leads to ${targetsText(domainClass.targets)}.`;
    case 'DISCOVERED':
      return `${domain} was found by partner discovery at ${targetsText(domainClass.targets)}.`;
    case 'HOSTED':
      return `${domain} is ${domainClass.allowed ? 'allowed' : 'discovered'} and hosted by the provider ${domainClass.provider.name} (${targetsText(domainClass.targets)}).`;
    case 'PUBLIC':
      return `${domain} belongs to the public provider ${domainClass.provider.name} (${targetsText(domainClass.targets)}).`;
    case 'DEFAULT_ROUTE':
      return `${domain} is reached by the default route ${targetsText(domainClass.targets)}.`;
    default:
      return failure(domainClass.code, domainClass.details).text;
  }
}

/** The Edge pool through which users of a pool reach partners; undefined where its site has no route. */
export function federationRouteOf(configuration: Configuration, user: User): Fqdn | undefined {
  const site = configuration.pools.get(user.registrarPool)?.site;
  return (site === undefined ? undefined : configuration.sites.get(site)?.federationRoute) ?? undefined;
}

/** A policy as an admin names it, with the scope it came from. */
function sourceText(policy: EffectivePolicy<ExternalAccessPolicy>): string {
  return policy.danglingGrant === undefined
    ? policy.source
    : `${policy.source} (the granted policy ${policy.danglingGrant} no longer exists)`;
}

function targetsText(targets: readonly { readonly host: string; readonly port: number }[]): string {
  return targets.map(target => `${target.host}:${target.port}`).join(', ');
}
