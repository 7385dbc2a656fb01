import { type Failure, failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import type { Fqdn } from '../model/names.ts';
import type { AddressAnswer, SrvAnswer } from '../resolve/dns-answer.ts';
import type { AnswerTo, ProbeAnswer, ProbedHost, ProbedSrv, ProbeJob } from './probe-job.ts';

/** What a probe needs of the Edge it runs on: the same DNS and the same connections as real traffic. */
export interface ProbePorts {
  readonly resolver: {
    srv(domain: string): Promise<SrvAnswer>;
    addresses(host: string): Promise<AddressAnswer>;
  };
  /**
   * Opens mutual TLS to an address for a host name, checks the peer's path and closes again. Gives the names of the certificate;
   * fails with a certificate failure, PEER_UNREACHABLE, PEER_CONNECT_TIMEOUT or PEER_TLS_FAILED. Ends in bounded time.
   */
  connect(host: Fqdn, address: string, port: number): Promise<Result<{ readonly names: readonly string[] }>>;
}

/** Failures that mean no certificate was seen. */
const withoutCertificate = new Set([
  'PEER_UNREACHABLE',
  'PEER_CONNECT_TIMEOUT',
  'PEER_TLS_FAILED',
  'ADDRESS_NOT_FOUND',
  'DNS_UNAVAILABLE',
]);

/** Carries out one probe on an Edge. Looks and reports; decides nothing about partners. */
export async function runProbe(ports: ProbePorts, job: ProbeJob): Promise<ProbeAnswer> {
  switch (job.kind) {
    case 'federation-srv':
      return { kind: job.kind, srv: probedSrv(await ports.resolver.srv(job.domain)) };
    case 'own-srv': {
      const srv = probedSrv(await ports.resolver.srv(job.domain));
      const targets = srv.kind === 'found' ? srv.records.map(record => record.target) : [];
      const hosts = [...new Set([job.edgeFqdn, ...targets])];
      return { kind: job.kind, srv, hosts: await Promise.all(hosts.map(host => probeHost(ports, host))) };
    }
    case 'peer-certificate':
      return probePeer(ports, job);
  }
}

async function probeHost(ports: ProbePorts, host: string): Promise<ProbedHost> {
  const answer = await ports.resolver.addresses(host);
  if (answer.kind === 'found') return { host, addresses: answer.records.map(record => record.address) };
  return { host, addresses: [], problem: answer.kind };
}

/** Tries the addresses in turn, as a real connection does; the first that shows a certificate decides. */
async function probePeer(
  ports: ProbePorts,
  job: Extract<ProbeJob, { kind: 'peer-certificate' }>,
): Promise<AnswerTo<'peer-certificate'>> {
  const found = await ports.resolver.addresses(job.host);
  if (found.kind !== 'found') {
    const isTemporary = found.kind === 'servfail' || found.kind === 'timeout';
    return notVerified(
      isTemporary
        ? failure('DNS_UNAVAILABLE', { domain: job.host, answer: found.kind })
        : failure('ADDRESS_NOT_FOUND', { host: job.host, domain: job.host }),
    );
  }
  let last: AnswerTo<'peer-certificate'> | undefined;
  for (const { address } of found.records) {
    const peer = await ports.connect(job.host, address, job.port);
    if (peer.ok) return namesVerdict(job, peer.value.names, address);
    last = notVerified(peer.error, address);
    if (last.outcome === 'refused') return last;
  }
  return last ?? notVerified(failure('ADDRESS_NOT_FOUND', { host: job.host, domain: job.host }));
}

function namesVerdict(
  job: Extract<ProbeJob, { kind: 'peer-certificate' }>,
  names: readonly string[],
  address: string,
): AnswerTo<'peer-certificate'> {
  if (job.expected.some(name => names.includes(name))) {
    return { kind: 'peer-certificate', outcome: 'verified', names: [...names], address };
  }
  const mismatch = failure('PEER_CERTIFICATE_MISMATCH', {
    domain: job.host,
    expected: job.expected.join(' or '),
    names: names.join(', ') || 'no DNS name',
  });
  return { ...notVerified(mismatch, address), names: [...names] };
}

function notVerified(of: Failure, address?: string): AnswerTo<'peer-certificate'> {
  return {
    kind: 'peer-certificate',
    outcome: withoutCertificate.has(of.code) ? 'no-answer' : 'refused',
    names: [],
    ...(address === undefined ? {} : { address }),
    failure: { code: of.code, text: of.text, fix: of.fix },
  };
}

function probedSrv(answer: SrvAnswer): ProbedSrv {
  if (answer.kind !== 'found') return { kind: answer.kind, detail: answer.detail };
  return { kind: 'found', records: answer.records.map(record => ({ ...record })) };
}
