import { promises as dns } from 'node:dns';
import { isIP } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { AnswerCache, type AnswerCacheLimits } from './answer-cache.ts';
import type { AddressAnswer, FederationResolver, HostAddress, NoRecords, SrvAnswer, SrvRecord } from './dns-answer.ts';
import { canonicalDnsName, isDnsName } from './dns-name.ts';

/** How DNS is asked. */
export interface FederationResolverOptions {
  readonly clock: Clock;
  /** `address` or `address:port` (`[address]:port` for IPv6); default the machine's own. */
  readonly servers?: readonly string[];
  /** First wait for an answer, milliseconds; doubled with every further try. */
  readonly timeoutMs?: number;
  readonly tries?: number;
  /** Overrides of single limits. */
  readonly limits?: Partial<AnswerCacheLimits>;
}

/** The service a SIP domain publishes its Access Edge under. */
const service = '_sipfederationtls._tcp.';

const defaultLimits: AnswerCacheLimits = {
  foundMs: 60_000,
  notFoundMs: 10_000,
  refreshMs: 600_000,
  staleMs: 86_400_000,
  maxEntries: 3000,
  maxInFlight: 500,
};

/** Answers of the name servers since the start, by what was asked for; what a cache answers is not counted. */
export type DnsCounts = Readonly<Record<'srv' | 'address', Record<DnsOutcome, number>>>;

/** A resolver that counts what the name servers answer. */
export interface CountingResolver extends FederationResolver {
  readonly counts: DnsCounts;
}

type DnsOutcome = 'found' | NoRecords['kind'];

/** The federation's resolver over real DNS, with its caches. Names are taken in any letter case, with or without trailing dot. */
export function createFederationResolver(options: FederationResolverOptions): CountingResolver {
  const resolver = new dns.Resolver({ timeout: options.timeoutMs ?? 1000, tries: options.tries ?? 3 });
  if (options.servers !== undefined) resolver.setServers(options.servers);
  const limits = { ...defaultLimits, ...options.limits };
  const none = { found: 0, nxdomain: 0, nodata: 0, servfail: 0, timeout: 0 };
  const counts = { srv: { ...none }, address: { ...none } };
  const srv = new AnswerCache<SrvRecord>(options.clock, limits, domain => counted(counts.srv, askSrv(resolver, domain)));
  const addresses = new AnswerCache<HostAddress>(options.clock, limits, host =>
    counted(counts.address, askAddresses(resolver, host)),
  );
  return {
    counts,
    srv: domain => srv.get(canonicalDnsName(domain)),
    addresses: host => literal(host) ?? addresses.get(canonicalDnsName(host)),
    peek: domain => srv.peek(canonicalDnsName(domain)),
    noteEstablished(domain, host) {
      srv.keepLastGood(canonicalDnsName(domain));
      addresses.keepLastGood(canonicalDnsName(host));
    },
  };
}

async function counted<A extends { readonly kind: DnsOutcome }>(
  counts: Record<DnsOutcome, number>,
  asked: Promise<A>,
): Promise<A> {
  const answer = await asked;
  counts[answer.kind]++;
  return answer;
}

const notAName: NoRecords = { kind: 'nxdomain', detail: 'not a DNS name' };
const noTarget: NoRecords = { kind: 'nodata', detail: 'the target is the root' };

async function askSrv(resolver: dns.Resolver, domain: string): Promise<SrvAnswer> {
  const name = service + domain;
  if (!isDnsName(name)) return notAName;
  try {
    const answers = await resolver.resolveSrv(name);
    const records = answers
      .map(({ name: target, port, priority, weight }) => ({ target: canonicalDnsName(target), port, priority, weight }))
      // rfc2782: the root as target says that the service is decidedly not offered.
      .filter(record => isDnsName(record.target));
    return records.length === 0 ? noTarget : { kind: 'found', records };
  } catch (cause) {
    return noRecords(cause);
  }
}

async function askAddresses(resolver: dns.Resolver, host: string): Promise<AddressAnswer> {
  if (!isDnsName(host)) return notAName;
  const [v4, v6] = await Promise.all([askFamily(resolver.resolve4(host), 4), askFamily(resolver.resolve6(host), 6)]);
  const records = [...(v4.kind === 'found' ? v4.records : []), ...(v6.kind === 'found' ? v6.records : [])];
  if (records.length > 0) return { kind: 'found', records };
  // Neither family was found; a failure of one leaves open whether there is an address, so it decides.
  const failed = [v4, v6].find(answer => answer.kind === 'servfail' || answer.kind === 'timeout');
  return failed ?? (v4.kind === 'nodata' ? v4 : v6);
}

async function askFamily(question: Promise<readonly string[]>, family: 4 | 6): Promise<AddressAnswer> {
  try {
    const records = (await question).map(address => ({ address, family }));
    return records.length === 0 ? { kind: 'nodata', detail: 'empty' } : { kind: 'found', records };
  } catch (cause) {
    return noRecords(cause);
  }
}

/** Sorts the resolver's codes into the four answers; a server that refuses, is unreachable or babbles has failed. */
function noRecords(cause: unknown): NoRecords {
  const detail = (cause as NodeJS.ErrnoException).code;
  // Anything without a code is a fault of ours, not an outcome.
  if (detail === undefined) throw cause;
  switch (detail) {
    case 'ENOTFOUND':
    case 'EBADNAME':
      return { kind: 'nxdomain', detail };
    case 'ENODATA':
      return { kind: 'nodata', detail };
    case 'ETIMEOUT':
      return { kind: 'timeout', detail };
    default:
      return { kind: 'servfail', detail };
  }
}

function literal(host: string): Promise<AddressAnswer> | undefined {
  const family = isIP(host);
  if (family === 0) return undefined;
  return Promise.resolve({ kind: 'found', records: [{ address: host, family: family === 4 ? 4 : 6 }] });
}
