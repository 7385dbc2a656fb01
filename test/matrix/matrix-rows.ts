/** A domain of the partner, by what DNS says about it. */
export type PartnerDomain = keyof typeof partnerDomains;

/** Contoso's list entries, provider and switches while a row is tried. What is not named is as in an open, empty deployment. */
export interface RowSetUp {
  readonly allowed?: { readonly proxyFqdn?: string; readonly verificationLevel?: 'AlwaysUnverifiable' };
  readonly blocked?: true;
  /** How contoso knows the provider: as a hosting provider, on or off, or as a public one; default: not at all. */
  readonly provider?: 'enabled' | 'disabled' | 'public';
  /** AllowFederatedUsers of the deployment. */
  readonly federationSwitch?: 'off';
  /** Attributes of alice's external access policy that are not as in an open deployment. */
  readonly policy?: Partial<typeof openPolicy>;
}

/** The kinds of request that every row is tried with. */
export const requestKinds = ['MESSAGE', 'SUBSCRIBE', 'INVITE'] as const;
export type RequestKind = (typeof requestKinds)[number];

/** Alice's external access policy where a row does not say otherwise. */
export const openPolicy = {
  enableFederationAccess: true,
  enablePublicCloudAccess: false,
  enablePublicCloudAudioVideoAccess: false,
};

/**
 * What becomes of a request. `delivered`, or of contoso's own sender: status and ms-diagnostics id, if it has one; of the partner's: the
 * bare status on the wire, and the code under which contoso's log has the reason.
 */
export interface RowOutcome {
  readonly outbound: string;
  readonly inbound: string;
}

/** A row of the matrix. */
export interface MatrixRow {
  readonly name: string;
  readonly domain: PartnerDomain;
  readonly setUp: RowSetUp;
  readonly discoveryOff: RowOutcome;
  readonly discoveryOn: RowOutcome;
  /** The kinds that fare otherwise than the rest, whatever discovery is: what only they are asked. */
  readonly except?: Partial<Readonly<Record<RequestKind, RowOutcome>>>;
  /** Has to be part of the reason that contoso's own sender is given. */
  readonly outboundReason?: RegExp;
}

/** External name of the partner's Edge; also the proxy FQDN by which it is known as a hosting provider. */
export const providerProxy = 'sipfed.lynconline.test';

/** Domains of the partner. Each has one answer in DNS for the whole run, so that no cache of a server tells of another row. */
export const partnerDomains = {
  /** SRV record to a host directly in the domain. */
  own: 'lynconline.test',
  /** SRV record to the provider: the lab's own record. */
  hosted: 'fabrikam.test',
  /** SRV record to a host that is in the domain, but not directly. */
  astray: 'astray.test',
  /** No SRV record. */
  silent: 'silent.test',
  /** The name servers fail. */
  servfail: 'servfail.test',
  /** The name servers do not answer. */
  timeout: 'timeout.test',
} as const;

/** The zone file that makes DNS answer so; `federationPort` is that of the partner's Edge. */
export function partnerZone(federationPort: number): readonly string[] {
  const srv = (domain: string, target: string) => `_sipfederationtls._tcp.${domain} SRV 0 0 ${federationPort} ${target}`;
  return [
    srv(partnerDomains.own, providerProxy),
    srv(partnerDomains.astray, `sip.office.${partnerDomains.astray}`),
    `_sipfederationtls._tcp.${partnerDomains.servfail} SERVFAIL`,
    `_sipfederationtls._tcp.${partnerDomains.timeout} TIMEOUT`,
  ];
}

const delivered: RowOutcome = { outbound: 'delivered', inbound: 'delivered' };
const both = (outcome: RowOutcome) => ({ discoveryOff: outcome, discoveryOn: outcome });
const refused = (outbound: string, code: string, inboundStatus = 504): RowOutcome => ({
  outbound,
  inbound: `${inboundStatus} ${code}`,
});

/** Every row: first those of the specification, in its order, then their neighbours. */
export const matrixRows: readonly MatrixRow[] = [
  {
    name: 'absent, SRV record in its own domain',
    domain: 'own',
    setUp: {},
    discoveryOff: refused('504 1005', 'DOMAIN_NOT_ALLOWED'),
    discoveryOn: delivered,
  },
  {
    name: 'absent, SRV record to an enabled hosting provider',
    domain: 'hosted',
    setUp: { provider: 'enabled' },
    discoveryOff: refused('504 1028', 'HOSTED_DOMAIN_NOT_ALLOWED'),
    discoveryOn: delivered,
  },
  {
    name: 'absent, SRV record to a provider that is not configured',
    domain: 'hosted',
    setUp: {},
    ...both(refused('504 1009', 'SRV_NAME_CONFLICT')),
  },
  { name: 'allowed, SRV record in its own domain', domain: 'own', setUp: { allowed: {} }, ...both(delivered) },
  {
    name: 'allowed, no SRV record',
    domain: 'silent',
    setUp: { allowed: {} },
    ...both(refused('504 1008', 'SRV_NOT_FOUND')),
  },
  {
    name: 'allowed with ProxyFqdn, no SRV record',
    domain: 'silent',
    setUp: { allowed: { proxyFqdn: providerProxy } },
    ...both(delivered),
  },
  { name: 'blocked', domain: 'own', setUp: { blocked: true }, ...both(refused('403 1005', 'DOMAIN_BLOCKED')) },
  {
    name: 'allowed, AllowFederatedUsers is false',
    domain: 'own',
    setUp: { allowed: {}, federationSwitch: 'off' },
    ...both(refused('403 1012', 'FEDERATION_SWITCHED_OFF')),
  },
  {
    name: "allowed, the user's policy allows nobody outside",
    domain: 'own',
    setUp: { allowed: {}, policy: { enableFederationAccess: false } },
    ...both(refused('403 1012', 'NOT_AUTHORISED_OUTSIDE', 404)),
  },
  {
    name: "allowed, the user's policy allows public providers only",
    domain: 'own',
    setUp: { allowed: {}, policy: { enableFederationAccess: false, enablePublicCloudAccess: true } },
    ...both(refused('403 1002', 'NOT_AUTHORISED_FEDERATION', 404)),
  },
  {
    name: 'allowed, SRV record to an enabled hosting provider',
    domain: 'hosted',
    setUp: { allowed: {}, provider: 'enabled' },
    ...both(delivered),
  },
  {
    name: 'allowed, SRV record to a disabled hosting provider',
    domain: 'hosted',
    setUp: { allowed: {}, provider: 'disabled' },
    ...both(refused('504 1005', 'PROVIDER_DISABLED')),
    outboundReason: /provider disabled/,
  },
  {
    name: 'allowed with the ProxyFqdn of a disabled hosting provider',
    domain: 'silent',
    setUp: { allowed: { proxyFqdn: providerProxy }, provider: 'disabled' },
    ...both(refused('504 1005', 'PROVIDER_DISABLED')),
    outboundReason: /provider disabled/,
  },
  {
    name: 'absent, SRV record to a public provider, which the policy denies',
    domain: 'hosted',
    setUp: { provider: 'public' },
    ...both(refused('403 1001', 'NOT_AUTHORISED_PUBLIC', 404)),
  },
  {
    name: 'absent, SRV record to a public provider, which the policy allows without audio and video',
    domain: 'hosted',
    setUp: { provider: 'public', policy: { enablePublicCloudAccess: true } },
    ...both(delivered),
    except: { INVITE: refused('488', 'PUBLIC_AUDIO_VIDEO_DENIED', 488) },
  },
  {
    name: 'absent, SRV record to a public provider, which the policy allows with audio and video',
    domain: 'hosted',
    setUp: { provider: 'public', policy: { enablePublicCloudAccess: true, enablePublicCloudAudioVideoAccess: true } },
    ...both(delivered),
  },
  {
    name: 'allowed, SRV record to a host not directly in the domain',
    domain: 'astray',
    setUp: { allowed: {} },
    ...both(refused('504 1009', 'SRV_NAME_CONFLICT')),
  },
  {
    name: 'allowed, but its users count as unverified',
    domain: 'own',
    setUp: { allowed: { verificationLevel: 'AlwaysUnverifiable' } },
    ...both({ outbound: 'delivered', inbound: '480 SENDER_UNVERIFIED' }),
  },
  {
    name: 'absent, no SRV record',
    domain: 'silent',
    setUp: {},
    discoveryOff: refused('504 1005', 'DOMAIN_NOT_ALLOWED'),
    discoveryOn: refused('504 1008', 'SRV_NOT_FOUND'),
  },
  { name: 'absent, DNS fails', domain: 'servfail', setUp: {}, ...both(refused('504 1007', 'DNS_UNAVAILABLE')) },
  { name: 'absent, DNS does not answer', domain: 'timeout', setUp: {}, ...both(refused('504 1007', 'DNS_UNAVAILABLE')) },
  { name: 'allowed, DNS fails', domain: 'servfail', setUp: { allowed: {} }, ...both(refused('504 1007', 'DNS_UNAVAILABLE')) },
  {
    name: 'blocked, DNS fails',
    domain: 'servfail',
    setUp: { blocked: true },
    ...both(refused('403 1005', 'DOMAIN_BLOCKED')),
  },
];
