import type { FailureDetails } from '../base/failure.ts';
import type { Configuration, TenantConfiguration } from '../model/configuration.ts';
import type { AllowedDomain, BlockedDomain } from '../model/kinds/federated-domain.ts';
import type { Provider } from '../model/kinds/provider.ts';
import type { Fqdn, SipDomain } from '../model/names.ts';
import type { SrvAnswer, SrvRecord } from '../resolve/dns-answer.ts';
import { orderSrvRecords } from '../resolve/srv-choice.ts';
import { passesStrictNameRule } from '../resolve/strict-name.ts';
import type { AllowedEntry, DomainClass, NeedsSrv, PeerTarget, RefusedClass, RefusedDomainCode } from './domain-class.ts';

/** Port of the federation listener where no SRV record names another. */
const federationPort = 5061;
/** Servers of a domain that are tried for a request, the first by priority and lot: a domain may name any number, at addresses of its choice. */
const mostTargets = 4;

/** Whether domains on no list are reachable: the deployment discovers partners and the tenant takes all that are known (D17). */
export function isDiscoveryOn(configuration: Configuration, tenant: TenantConfiguration): boolean {
  return configuration.accessEdge.enablePartnerDiscovery && tenant.federation.allowedDomains === 'AllKnown';
}

/**
 * The class of a domain as far as configuration alone decides it; NEEDS_SRV where DNS has to be asked first.
 * Costs one look-up per label and list, whatever the length of the lists.
 */
export function classifyWithoutDns(
  configuration: Configuration,
  tenant: TenantConfiguration,
  domain: SipDomain,
): DomainClass | NeedsSrv {
  const owner = configuration.tenantByDomain.get(domain);
  if (owner !== undefined && owner.id === tenant.id) return { kind: 'INTERNAL', domain };
  const listed = findListEntry(tenant, domain);
  if (listed?.list === 'blocked') {
    return refused('BLOCKED', domain, 'DOMAIN_BLOCKED', { entry: listed.domain });
  }
  if (owner !== undefined) {
    if (!listed && !isDiscoveryOn(configuration, tenant)) return notAllowed(domain);
    return { kind: 'TENANT', domain, tenant: owner, ...(listed ? { allowed: listed } : {}) };
  }
  if (configuration.accessEdge.routingMethod === 'UseDefaultRouting') {
    return classifyDefaultRoute(configuration, tenant, domain, listed);
  }
  if (listed?.entry.proxyFqdn) return classifyPinned(configuration, tenant, domain, listed, listed.entry.proxyFqdn);
  return { kind: 'NEEDS_SRV', domain, listed: listed !== undefined };
}

/**
 * The class of a domain, given what DNS answered for its federation SRV record; the answer is not looked at where configuration decides.
 * Records that may not be used are dropped first; the others are put in order (rfc2782), by lot among equals in priority where `random`
 * is given, else the heaviest first, so that an explanation is the same each time.
 */
export function classifyWithSrv(
  configuration: Configuration,
  tenant: TenantConfiguration,
  domain: SipDomain,
  srv: SrvAnswer,
  random?: () => number,
): DomainClass {
  const known = classifyWithoutDns(configuration, tenant, domain);
  if (known.kind !== 'NEEDS_SRV') return known;
  const listed = findListEntry(tenant, domain);
  const allowed = listed?.list === 'allowed' ? listed : undefined;
  const accepted = allowed !== undefined || isDiscoveryOn(configuration, tenant);
  if (srv.kind === 'servfail' || srv.kind === 'timeout') {
    return refused('TEMPORARY', domain, 'DNS_UNAVAILABLE', { answer: srv.kind });
  }
  const records = srv.kind === 'found' ? heaviestFirst(srv.records) : [];
  const first = records[0];
  if (first === undefined) return accepted ? refused('UNROUTABLE', domain, 'SRV_NOT_FOUND', {}) : notAllowed(domain);

  const verdicts = records.map(record => judgeRecord(configuration, tenant, domain, record, allowed, accepted));
  const used = verdicts.find(verdict => verdict.kind !== 'refused');
  if (used === undefined) return (verdicts[0] as RefusedRecord).class;
  const usable = records.filter((_, i) => isSameWay(verdicts[i], used));
  const ordered = (random && usable.length > 1 ? orderSrvRecords(usable, random) : usable).map(toTarget);
  // any of its servers may speak for the domain; how many we connect to is not the partner's choice
  const routable = { domain, expected: [...new Set(ordered.map(t => t.host))], targets: ordered.slice(0, mostTargets) };
  if (used.kind === 'provider') {
    if (used.provider.kind === 'public') return { kind: 'PUBLIC', provider: used.provider, ...routable };
    return { kind: 'HOSTED', provider: used.provider, ...(allowed ? { allowed } : {}), ...routable };
  }
  if (allowed) return { kind: 'ALLOWED_DOMAIN', allowed, ...routable };
  return accepted ? { kind: 'DISCOVERED', ...routable } : notAllowed(domain);
}

type ListEntry =
  | ({ readonly list: 'allowed' } & AllowedEntry)
  | { readonly list: 'blocked'; readonly domain: SipDomain; readonly entry: BlockedDomain };

/** The entry nearest to a domain on either list: the domain's own, else the closest parent that includes its sub-domains. */
export function findListEntry(tenant: TenantConfiguration, domain: SipDomain): ListEntry | undefined {
  let name = domain;
  for (;;) {
    const isParent = name.length < domain.length;
    const blocked = tenant.blockedDomains.get(name);
    if (blocked && (!isParent || blocked.includeSubdomains)) return { list: 'blocked', domain: name, entry: blocked };
    const entry: AllowedDomain | undefined = tenant.allowedDomains.get(name);
    if (entry && (!isParent || entry.includeSubdomains)) return { list: 'allowed', domain: name, entry };
    const dot = name.indexOf('.');
    if (dot < 0) return undefined;
    name = name.slice(dot + 1) as SipDomain;
  }
}

function classifyDefaultRoute(
  configuration: Configuration,
  tenant: TenantConfiguration,
  domain: SipDomain,
  listed: ListEntry | undefined,
): DomainClass {
  const { defaultRouteFqdn, isPublicProvider } = configuration.accessEdge;
  // The deployment sends everything one way; a tenant that keeps to its list is still asked (D17).
  if (!listed && tenant.federation.allowedDomains === 'AllowedList') return notAllowed(domain);
  if (defaultRouteFqdn === null) return refused('UNROUTABLE', domain, 'DEFAULT_ROUTE_NOT_SET', {});
  if (isOwnEdge(configuration, defaultRouteFqdn)) {
    return refused('UNROUTABLE', domain, 'TARGET_IS_OWN_EDGE', { target: defaultRouteFqdn });
  }
  return { kind: 'DEFAULT_ROUTE', isPublicProvider, ...oneServer(domain, defaultRouteFqdn) };
}

function classifyPinned(
  configuration: Configuration,
  tenant: TenantConfiguration,
  domain: SipDomain,
  allowed: AllowedEntry,
  proxyFqdn: Fqdn,
): DomainClass {
  if (isOwnEdge(configuration, proxyFqdn)) return refused('UNROUTABLE', domain, 'TARGET_IS_OWN_EDGE', { target: proxyFqdn });
  const provider = tenant.providersByProxy.get(proxyFqdn);
  if (provider && !provider.enabled) return providerDisabled(domain, provider);
  return { kind: 'ALLOWED_SERVER', allowed, ...(provider ? { provider } : {}), ...oneServer(domain, proxyFqdn) };
}

interface RefusedRecord {
  readonly kind: 'refused';
  readonly class: RefusedClass;
}

type RecordVerdict = RefusedRecord | { readonly kind: 'provider'; readonly provider: Provider } | { readonly kind: 'own-server' };

/** Whether one SRV record may be used: its target is an enabled provider, or a host directly in the domain (the strict name rule). */
function judgeRecord(
  configuration: Configuration,
  tenant: TenantConfiguration,
  domain: SipDomain,
  record: SrvRecord,
  allowed: AllowedEntry | undefined,
  accepted: boolean,
): RecordVerdict {
  const target = record.target as Fqdn;
  if (isOwnEdge(configuration, target)) return no(refused('UNROUTABLE', domain, 'TARGET_IS_OWN_EDGE', { target }));
  const provider = tenant.providersByProxy.get(target);
  if (provider) {
    if (!provider.enabled) return no(providerDisabled(domain, provider));
    // A consumer network needs no entry: enabling the provider and the policy bit are the permission.
    if (provider.kind === 'public' || allowed || accepted) return { kind: 'provider', provider };
    return no(refused('NOT_ALLOWED', domain, 'HOSTED_DOMAIN_NOT_ALLOWED', { provider: provider.name, target }));
  }
  if (!passesStrictNameRule(target, domain)) {
    return no(refused('UNROUTABLE', domain, 'SRV_NAME_CONFLICT', { target, fqdn1: `${target}:${record.port}` }));
  }
  return { kind: 'own-server' };
}

function isSameWay(verdict: RecordVerdict | undefined, used: RecordVerdict): boolean {
  if (verdict === undefined || verdict.kind !== used.kind) return false;
  return verdict.kind !== 'provider' || used.kind !== 'provider' || verdict.provider === used.provider;
}

function heaviestFirst(records: readonly SrvRecord[]): readonly SrvRecord[] {
  return records.length < 2 ? records : [...records].sort((a, b) => a.priority - b.priority || b.weight - a.weight);
}

/** Whether a host is an Edge of this deployment: sending there would come straight back (D33). */
function isOwnEdge(configuration: Configuration, host: Fqdn): boolean {
  for (const edge of configuration.edgeServers.values()) if (edge.externalFqdn === host) return true;
  return configuration.edgeServers.has(host);
}

function toTarget(record: SrvRecord): PeerTarget {
  return { host: record.target as Fqdn, port: record.port };
}

function oneServer(domain: SipDomain, host: Fqdn) {
  return { domain, expected: [host], targets: [{ host, port: federationPort }] };
}

function no(refusal: RefusedClass): RefusedRecord {
  return { kind: 'refused', class: refusal };
}

function notAllowed(domain: SipDomain): RefusedClass {
  return refused('NOT_ALLOWED', domain, 'DOMAIN_NOT_ALLOWED', {});
}

function providerDisabled(domain: SipDomain, provider: Provider): RefusedClass {
  return refused('UNROUTABLE', domain, 'PROVIDER_DISABLED', { provider: provider.name, target: provider.proxyFqdn });
}

function refused(kind: RefusedClass['kind'], domain: SipDomain, code: RefusedDomainCode, details: FailureDetails): RefusedClass {
  return { kind, domain, code, details: { domain, ...details } };
}
