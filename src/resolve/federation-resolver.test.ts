import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { type Clock, systemClock } from '../base/clock.ts';
import { DnsServer } from '../lab/dns-server.ts';
import { parseZoneFile, type ZoneRecord } from '../lab/zone-file.ts';
import type { FederationResolver } from './dns-answer.ts';
import { createFederationResolver } from './federation-resolver.ts';

const zone = `
_sipfederationtls._tcp.contoso.test     SRV 0 0 5061 Edge.Contoso.test.
_sipfederationtls._tcp.many.test        SRV 10 5 5061 a.many.test
_sipfederationtls._tcp.many.test        SRV 20 0 5062 b.many.test
_sipfederationtls._tcp.refused.test     SRV 0 0 0 .
_sipfederationtls._tcp.alias.test       CNAME _sipfederationtls._tcp.contoso.test
edge.contoso.test   A    192.0.2.1
edge.contoso.test   A    192.0.2.2
edge.contoso.test   AAAA 2001:db8::1
v6.contoso.test     AAAA 2001:db8::6
text.contoso.test   TXT  hello
broken.test         SERVFAIL
silent.test         TIMEOUT
`;

function records(text: string): readonly ZoneRecord[] {
  const parsed = parseZoneFile(text, 'the test');
  assert.ok(parsed.ok);
  return parsed.value;
}

describe('the federation resolver over real DNS', () => {
  const server = new DnsServer({ clock: systemClock, host: '127.0.0.1', port: 0 });
  let nowMs = 0;
  const clock: Clock = { ...systemClock, monotonic: () => nowMs };
  let resolver: FederationResolver;
  before(async () => {
    server.setRecords(records(zone));
    const { host, port } = await server.start();
    resolver = createFederationResolver({ clock, servers: [`${host}:${port}`], timeoutMs: 50, tries: 1 });
  });
  after(() => server.close());

  const kinds: readonly [string, string][] = [
    ['absent.test', 'nxdomain'],
    ['contoso.test.evil', 'nxdomain'],
    ['not a name', 'nxdomain'],
    [`${'a'.repeat(64)}.test`, 'nxdomain'],
    ['', 'nxdomain'],
    ['refused.test', 'nodata'],
    ['broken.test', 'servfail'],
    ['silent.test', 'timeout'],
  ];
  for (const [domain, kind] of kinds) {
    test(`SRV of "${domain.slice(0, 20)}" is ${kind}`, async () => assert.equal((await resolver.srv(domain)).kind, kind));
  }

  test('SRV without the record under an existing name is nodata', async () => {
    server.setRecords(records(`${zone}\n_sipfederationtls._tcp.hollow.test TXT x`));
    assert.equal((await resolver.srv('hollow.test')).kind, 'nodata');
  });

  test('SRV records come in canonical form, also through an alias', async () => {
    const expected = { kind: 'found', records: [{ target: 'edge.contoso.test', port: 5061, priority: 0, weight: 0 }] };
    assert.deepEqual(await resolver.srv('Contoso.TEST.'), expected);
    assert.deepEqual(resolver.peek('contoso.test'), expected);
    assert.deepEqual(await resolver.srv('alias.test'), expected);
    const many = await resolver.srv('many.test');
    assert.equal(many.kind === 'found' ? many.records.length : many.kind, 2);
  });

  test('addresses of both families, of one, and literal ones', async () => {
    const both = await resolver.addresses('EDGE.contoso.test');
    assert.ok(both.kind === 'found');
    assert.deepEqual(both.records.map(({ address }) => address).sort(), ['192.0.2.1', '192.0.2.2', '2001:db8::1']);
    assert.deepEqual(await resolver.addresses('v6.contoso.test'), {
      kind: 'found',
      records: [{ address: '2001:db8::6', family: 6 }],
    });
    assert.deepEqual(await resolver.addresses('192.0.2.9'), { kind: 'found', records: [{ address: '192.0.2.9', family: 4 }] });
    assert.deepEqual(await resolver.addresses('::1'), { kind: 'found', records: [{ address: '::1', family: 6 }] });
    for (const [host, kind] of [
      ['text.contoso.test', 'nodata'],
      ['absent.test', 'nxdomain'],
      ['a.broken.test', 'servfail'],
      ['silent.test', 'timeout'],
    ] as const) {
      assert.equal((await resolver.addresses(host)).kind, kind, host);
    }
  });

  test('a changed record is seen when the kept answer has run out, not before', async () => {
    await resolver.srv('contoso.test');
    server.setRecords(records('_sipfederationtls._tcp.contoso.test SRV 0 0 5061 new.contoso.test'));
    nowMs += 59_000;
    const kept = await resolver.srv('contoso.test');
    assert.equal(kept.kind === 'found' && kept.records[0]?.target, 'edge.contoso.test');
    nowMs += 1_001;
    const fresh = await resolver.srv('contoso.test');
    assert.equal(fresh.kind === 'found' && fresh.records[0]?.target, 'new.contoso.test');
  });

  test('an established partner survives a failure of DNS', async () => {
    server.setRecords(records(zone));
    nowMs += 60_000;
    await resolver.srv('contoso.test');
    await resolver.addresses('edge.contoso.test');
    resolver.noteEstablished('Contoso.test', 'Edge.contoso.test');
    server.setRecords(records('test SERVFAIL'));
    nowMs += 61_000;
    const srv = await resolver.srv('contoso.test');
    assert.equal(srv.kind === 'found' && srv.staleMs, 61_000);
    const addresses = await resolver.addresses('edge.contoso.test');
    assert.equal(addresses.kind === 'found' && addresses.records.length, 3);
    assert.equal((await resolver.srv('many.test')).kind, 'servfail', 'nobody else does');
  });
});

test('a server that is not there is a failure of DNS, not an answer', async () => {
  const unused = createSocket('udp4');
  unused.bind(0, '127.0.0.1');
  await once(unused, 'listening');
  const { port } = unused.address();
  unused.close();
  const resolver = createFederationResolver({ clock: systemClock, servers: [`127.0.0.1:${port}`], timeoutMs: 50, tries: 1 });
  assert.match((await resolver.srv('contoso.test')).kind, /^(servfail|timeout)$/);
});
