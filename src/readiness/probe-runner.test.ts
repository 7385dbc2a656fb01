import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../base/errors/registry.ts';
import { failure } from '../base/failure.ts';
import { err, ok } from '../base/result.ts';
import type { AddressAnswer, SrvAnswer } from '../resolve/dns-answer.ts';
import { ProbeAnswer, ProbeJob } from './probe-job.ts';
import { type ProbePorts, runProbe } from './probe-runner.ts';

const srv: SrvAnswer = { kind: 'found', records: [{ target: 'sip.fabrikam.test', port: 5061, priority: 0, weight: 0 }] };
const addresses = (...list: string[]): AddressAnswer => ({
  kind: 'found',
  records: list.map(address => ({ address, family: 4 })),
});

/** `peers`: what connecting to an address gives: names of a good certificate, or a failure. */
function ports(
  peers: Readonly<Record<string, readonly string[] | ErrorCode>>,
  hosts: AddressAnswer = addresses(...Object.keys(peers)),
) {
  const tried: string[] = [];
  const fakes: ProbePorts = {
    resolver: { srv: async () => srv, addresses: async () => hosts },
    async connect(_host, address) {
      tried.push(address);
      const peer = peers[address] ?? 'PEER_UNREACHABLE';
      return typeof peer === 'string' ? err(failure(peer)) : ok({ names: peer });
    },
  };
  return { fakes, tried };
}

const job = ProbeJob.parse({ kind: 'peer-certificate', host: 'SIP.fabrikam.test', port: 5061, expected: ['sip.fabrikam.test'] });

const cases: readonly (readonly [string, ReturnType<typeof ports>, outcome: string, code: string | undefined, tried: number])[] =
  [
    ['verified', ports({ a: ['sip.fabrikam.test'] }), 'verified', undefined, 1],
    ['second address answers', ports({ a: 'PEER_UNREACHABLE', b: ['sip.fabrikam.test'] }), 'verified', undefined, 2],
    ['wrong name', ports({ a: ['sip.evil.test'], b: ['sip.fabrikam.test'] }), 'refused', 'PEER_CERTIFICATE_MISMATCH', 1],
    ['bad path', ports({ a: 'CERTIFICATE_EXPIRED', b: ['sip.fabrikam.test'] }), 'refused', 'CERTIFICATE_EXPIRED', 1],
    ['nobody answers', ports({ a: 'PEER_UNREACHABLE', b: 'PEER_TLS_FAILED' }), 'no-answer', 'PEER_TLS_FAILED', 2],
    ['no address', ports({}, { kind: 'nodata', detail: 'E' }), 'no-answer', 'ADDRESS_NOT_FOUND', 0],
    ['DNS down', ports({}, { kind: 'timeout', detail: 'E' }), 'no-answer', 'DNS_UNAVAILABLE', 0],
  ];

for (const [name, { fakes, tried }, outcome, code, count] of cases) {
  test(`probe of a peer: ${name}`, async () => {
    const answer = ProbeAnswer.parse(await runProbe(fakes, job));
    assert.ok(answer.kind === 'peer-certificate');
    assert.equal(answer.outcome, outcome);
    assert.equal(answer.failure?.code, code);
    assert.equal(tried.length, count);
  });
}

test('SRV probes carry the answer and, for our own domains, the addresses', async () => {
  const { fakes } = ports({ '192.0.2.1': [] });
  const partner = ProbeAnswer.parse(await runProbe(fakes, ProbeJob.parse({ kind: 'federation-srv', domain: 'fabrikam.test' })));
  assert.deepEqual(partner, { kind: 'federation-srv', srv });
  const own = ProbeAnswer.parse(
    await runProbe(fakes, ProbeJob.parse({ kind: 'own-srv', domain: 'fabrikam.test', edgeFqdn: 'edge.test' })),
  );
  assert.ok(own.kind === 'own-srv');
  assert.deepEqual(
    own.hosts.map(h => h.host),
    ['edge.test', 'sip.fabrikam.test'],
  );
});

test('jobs are checked before they run', () => {
  for (const bad of [
    { kind: 'federation-srv', domain: '10.0.0.1' },
    { kind: 'peer-certificate', host: 'h.test', port: 0, expected: ['h.test'] },
    { kind: 'peer-certificate', host: 'h.test', port: 1, expected: [] },
    { kind: 'run', command: 'x' },
  ]) {
    assert.equal(ProbeJob.safeParse(bad).success, false);
  }
});
