import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import dnsPacket from 'dns-packet';
import { type Clock, systemClock } from '../base/clock.ts';
import { type Failure, FailureError } from '../base/failure.ts';
import { DnsServer, type DnsServerOptions } from './dns-server.ts';

const folder = await mkdtemp(join(tmpdir(), 'parley-dns-'));
after(() => rm(folder, { recursive: true }));
const running: DnsServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

async function start(options: Partial<DnsServerOptions> = {}): Promise<{ server: DnsServer; port: number }> {
  const server = new DnsServer({ clock: systemClock, host: '127.0.0.1', port: 0, ...options });
  running.push(server);
  return { server, port: (await server.start()).port };
}

/** Sends bytes over UDP and waits for one answer. */
async function exchange(port: number, bytes: Buffer): Promise<dnsPacket.DecodedPacket> {
  const socket = createSocket('udp4');
  socket.send(bytes, port, '127.0.0.1');
  const [message] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  return dnsPacket.decode(message);
}

const query = (name: string, type: dnsPacket.RecordType, extra: Partial<dnsPacket.Packet> = {}) =>
  dnsPacket.encode({ type: 'query', id: 7, flags: dnsPacket.RECURSION_DESIRED, questions: [{ name, type }], ...extra });

function rcode(packet: dnsPacket.DecodedPacket): string {
  return (packet as dnsPacket.DecodedPacket & { rcode: string }).rcode;
}

const ask = async (port: number, name: string, type: dnsPacket.RecordType) => {
  const reply = await exchange(port, query(name, type));
  return `${rcode(reply)} ${(reply.answers ?? []).map(answer => ('data' in answer ? JSON.stringify(answer.data) : answer.type)).join(' ')}`;
};

test('known names, names without that type, names above others, unknown names, aliases, failures', async () => {
  const { server, port } = await start();
  server.setRecords([
    { type: 'A', name: 'edge.partner.test', data: '192.0.2.1' },
    { type: 'CNAME', name: 'alias.test', data: 'edge.partner.test' },
    { type: 'CNAME', name: 'loop.test', data: 'loop.test' },
    { type: 'SERVFAIL', name: 'broken.test' },
    { type: 'A', name: 'good.broken.test', data: '192.0.2.2' },
  ]);
  assert.equal(await ask(port, 'EDGE.partner.test', 'A'), 'NOERROR "192.0.2.1"');
  assert.equal(await ask(port, 'edge.partner.test', 'AAAA'), 'NOERROR ');
  assert.equal(await ask(port, 'partner.test', 'A'), 'NOERROR ');
  assert.equal(await ask(port, 'other.test', 'A'), 'NXDOMAIN ');
  assert.equal(await ask(port, 'alias.test', 'A'), 'NOERROR "edge.partner.test" "192.0.2.1"');
  assert.equal(await ask(port, 'loop.test', 'A'), 'SERVFAIL ');
  assert.equal(await ask(port, 'a.broken.test', 'SRV'), 'SERVFAIL ');
  assert.equal(await ask(port, 'good.broken.test', 'A'), 'NOERROR "192.0.2.2"');
  assert.equal(await ask(port, hostname(), 'A'), 'NOERROR "127.0.0.1"');
});

test('an answer names its question and its authority', async () => {
  const { port } = await start();
  const reply = await exchange(port, query('absent.test', 'SRV'));
  assert.equal(reply.id, 7);
  assert.equal(reply.flag_aa, true);
  assert.equal(reply.questions?.[0]?.name, 'absent.test');
  assert.equal(reply.authorities?.[0]?.type, 'SOA');
});

test('an answer too large for UDP is cut and complete over TCP, cut into any pieces', async () => {
  const { server, port } = await start();
  server.setRecords(Array.from({ length: 60 }, (_, i) => ({ type: 'A', name: 'many.test', data: `192.0.2.${i}` }) as const));
  const cut = await exchange(port, query('many.test', 'A'));
  assert.equal(cut.flag_tc, true);
  assert.equal(cut.answers?.length, 0);
  const opt: dnsPacket.OptAnswer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: 4096,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  const large = await exchange(port, query('many.test', 'A', { additionals: [opt] }));
  assert.equal(large.answers?.length, 60);

  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const question = dnsPacket.streamEncode({ type: 'query', id: 9, questions: [{ name: 'many.test', type: 'A' }] });
  for (const byte of Buffer.concat([question, question])) socket.write(Buffer.of(byte));
  let received = Buffer.alloc(0);
  while (received.length < 2 || received.length < 2 * (2 + received.readUInt16BE(0))) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    received = Buffer.concat([received, chunk]);
  }
  socket.destroy();
  assert.equal(dnsPacket.streamDecode(received.subarray(0, received.length / 2)).answers?.length, 60);
});

test('rubbish gets an error or nothing, and the server stays up', async () => {
  const { port } = await start();
  const good = query('absent.test', 'A');
  const socket = createSocket('udp4');
  for (let end = 0; end < good.length; end++) socket.send(good.subarray(0, end), port, '127.0.0.1');
  socket.send(Buffer.alloc(40, 0xff), port, '127.0.0.1');
  const stream = connect(port, '127.0.0.1');
  stream.end(Buffer.alloc(300, 0x01));
  stream.resume();
  await once(stream, 'close');
  assert.equal(rcode(await exchange(port, dnsPacket.encode({ type: 'query', id: 1, questions: [] }))), 'FORMERR');
  assert.equal(await ask(port, 'absent.test', 'A'), 'NXDOMAIN ');
  socket.close();
});

test('a changed zone file is used, a broken one is reported once and changes nothing', async () => {
  const zoneFile = join(folder, 'zone.txt');
  await writeFile(zoneFile, 'a.test A 192.0.2.1');
  const problems: Failure[] = [];
  let nowMs = 0;
  const clock: Clock = { ...systemClock, monotonic: () => (nowMs += 200) };
  const { port } = await start({ clock, zoneFile, onZoneProblem: problem => problems.push(problem) });
  assert.equal(await ask(port, 'a.test', 'A'), 'NOERROR "192.0.2.1"');
  await writeFile(zoneFile, 'a.test A 192.0.2.22\nb.test A 192.0.2.3\n');
  assert.equal(await ask(port, 'a.test', 'A'), 'NOERROR "192.0.2.22"');
  await writeFile(zoneFile, 'a.test A nowhere');
  assert.equal(await ask(port, 'b.test', 'A'), 'NOERROR "192.0.2.3"');
  assert.equal(await ask(port, 'b.test', 'A'), 'NOERROR "192.0.2.3"');
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['ZONE_FILE_LINE'],
  );
  await rm(zoneFile);
  assert.equal(await ask(port, 'b.test', 'A'), 'NOERROR "192.0.2.3"');
  assert.equal(problems.at(-1)?.code, 'ZONE_FILE_UNREADABLE');
});

test('a port that is taken and a bad zone file stop the start with a failure', async () => {
  const { port } = await start();
  const codeOf = async (options: Partial<DnsServerOptions>) => {
    const outcome: unknown = await start(options).catch((cause: unknown) => cause);
    assert.ok(outcome instanceof FailureError);
    return outcome.failure.code;
  };
  assert.equal(await codeOf({ port }), 'PORT_IN_USE');
  assert.equal(await codeOf({ zoneFile: join(folder, 'absent.txt') }), 'ZONE_FILE_UNREADABLE');
});
