import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, connect as netConnect } from 'node:net';
import { after, test } from 'node:test';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { systemClock } from '../base/clock.ts';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { createAuthority, issueCertificate } from '../certificates/issue.ts';
import type { SipMessage } from '../sip/message.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import type { CloseReason } from './close-reason.ts';
import { connectTls, type TlsConnectOptions } from './connect.ts';
import { type Connection, type ConnectionHandler, trunkConnectionLimits } from './connection.ts';
import { type Listener, listenTcp, listenTls, type TlsIdentity, type TlsListenOptions } from './listener.ts';
import type { PeerChain, PeerVerifier, VerifiedPeer } from './peer-verifier.ts';

const root = await createAuthority({ name: 'root', validDays: 10 });
const sub = await createAuthority({ name: 'sub', validDays: 10, issuer: root });
const identityOf = async (name: string): Promise<TlsIdentity> => {
  const issued = await issueCertificate(sub, { names: [name], days: 5, eku: 'server' });
  return { cert: issued.chainPem, key: issued.keyPem };
};
const serverIdentity = await identityOf('edge.fabrikam.test');
const clientIdentity = await identityOf('edge.contoso.test');

/** Believes everybody with an intermediate, and remembers what it saw. */
class Believer implements PeerVerifier {
  readonly seen: PeerChain[] = [];
  verdict: Failure | undefined;
  verify(chain: PeerChain): Result<VerifiedPeer> {
    this.seen.push(chain);
    if (this.verdict !== undefined) return err(this.verdict);
    const names = (chain.leaf.subjectAltName ?? '').split(', ').map(name => name.replace('DNS:', ''));
    const { fingerprint256: fingerprint, issuer, serialNumber: serial } = chain.leaf;
    return ok({ names, fingerprint, publicKeySha256: createHash('sha256').update(chain.leaf.raw).digest('hex'), issuer, serial });
  }
}

/** Lets a test wait for what happens to connections. */
class Inbox implements ConnectionHandler {
  readonly #messages: SipMessage[] = [];
  readonly ends: CloseReason[] = [];
  #wake: (() => void) | undefined;
  onMessage(_connection: Connection, message: SipMessage): void {
    this.#messages.push(message);
    this.#wake?.();
  }
  onBad(): void {}
  onClosed(_connection: Connection, why: CloseReason): void {
    this.ends.push(why);
  }
  async next(): Promise<SipMessage> {
    while (this.#messages.length === 0) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
    return this.#messages.shift() as SipMessage;
  }
}

const text =
  'OPTIONS sip:fabrikam.test SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:contoso.test>;tag=1\r\n' +
  'To: <sip:fabrikam.test>\r\nCall-ID: one\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n';
const options = { head: text, body: new Uint8Array(0) };
const open: Listener[] = [];
after(() => Promise.all(open.map(listener => listener.close())));

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.text);
  return result.value;
}

function base(handler: ConnectionHandler) {
  return {
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    handler,
    connectionLimits: trunkConnectionLimits,
  } as const;
}

async function listen(more: Partial<TlsListenOptions> = {}) {
  const inbox = new Inbox();
  const accepted: Connection[] = [];
  const refused: Failure[] = [];
  const listener = valueOf(
    await listenTls({
      ...base(inbox),
      identity: serverIdentity,
      peerCertificate: 'required',
      verifier: new Believer(),
      onConnection: connection => accepted.push(connection),
      onRefused: why => refused.push(why),
      ...more,
    }),
  );
  open.push(listener);
  return { listener, inbox, accepted, refused };
}

function connect(port: number, more: Partial<TlsConnectOptions> = {}): Promise<Result<Connection>> {
  return connectTls({
    ...base(new Inbox()),
    address: '127.0.0.1',
    port,
    serverName: 'edge.fabrikam.test',
    identity: clientIdentity,
    verifier: new Believer(),
    timeoutMs: 5_000,
    ...more,
  });
}

test('mutual TLS: both sides see the whole chain of the other, messages pass both ways, the end reaches both', async () => {
  const serverSide = new Believer();
  const clientSide = new Believer();
  const { listener, inbox, accepted } = await listen({ verifier: serverSide });
  const answers = new Inbox();
  const connection = valueOf(await connect(listener.port, { verifier: clientSide, handler: answers }));
  assert.deepEqual(connection.peer?.names, ['edge.fabrikam.test']);
  assert.equal(clientSide.seen[0]?.intermediates.length, 1);
  connection.send(options);
  assert.equal((await inbox.next()).callId, 'one');
  const inbound = accepted[0] as Connection;
  assert.deepEqual(inbound.peer?.names, ['edge.contoso.test']);
  assert.equal(serverSide.seen[0]?.intermediates.length, 1);
  assert.equal(inbound.authenticated, true);
  assert.equal(inbound.secure, true);
  assert.equal(inbound.remoteAddress, '127.0.0.1');
  inbound.send(options);
  assert.equal((await answers.next()).callId, 'one');
  assert.deepEqual(
    [listener.counts.connections, listener.counts.unauthenticated, listener.counts.accepted, listener.connections.size],
    [1, 0, 1, 1],
  );
  connection.close('done');
  assert.equal((await inbound.closed).kind, 'peer-closed');
  assert.equal((await connection.closed).kind, 'closed-here');
  assert.equal(listener.connections.size, 0);
});

test('mutual TLS is never resumed, so the intermediates are always there', async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const serverSide = new Believer();
    const { listener, inbox } = await listen({ verifier: serverSide });
    let session: Buffer | undefined;
    for (const round of [1, 2]) {
      const socket: TLSSocket = tlsConnect({
        host: '127.0.0.1',
        port: listener.port,
        cert: clientIdentity.cert,
        key: clientIdentity.key,
        rejectUnauthorized: false,
        maxVersion,
        session,
      });
      socket.on('session', offered => {
        session = offered;
      });
      socket.write(text);
      await inbox.next();
      assert.equal(socket.isSessionReused(), false, `${maxVersion}, round ${round}`);
      session ??= socket.getSession();
      socket.destroy();
    }
    assert.deepEqual(
      serverSide.seen.map(chain => chain.intermediates.length),
      [1, 1],
    );
  }
});

test('a session of a client is resumed, but with no key that is older than an hour', async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const clock = new FakeClock();
    const { listener, inbox } = await listen({ clock, peerCertificate: 'none' });
    let session: Buffer | undefined;
    const isResumed = async () => {
      const socket = tlsConnect({ host: '127.0.0.1', port: listener.port, rejectUnauthorized: false, maxVersion, session });
      const offered = once(socket, 'session');
      socket.write(text);
      await inbox.next();
      const resumed = socket.isSessionReused();
      if (!resumed) [session] = (await offered) as [Buffer];
      socket.destroy();
      return resumed;
    };
    assert.equal(await isResumed(), false);
    assert.equal(await isResumed(), true, maxVersion);
    clock.advance(3_600_000);
    assert.equal(await isResumed(), false, maxVersion);
    assert.equal(await isResumed(), true, maxVersion);
  }
});

test('a peer without certificate, or with one the verifier refuses, is turned away with a reason', async () => {
  const verifier = new Believer();
  const { listener, accepted, refused } = await listen({ verifier });
  const bare = valueOf(await connect(listener.port, { identity: undefined }));
  await bare.closed;
  verifier.verdict = failure('PEER_WITHOUT_CERTIFICATE', { target: 'refused by the test' });
  const distrusted = valueOf(await connect(listener.port));
  await distrusted.closed;
  assert.deepEqual(
    refused.map(why => why.code),
    ['PEER_WITHOUT_CERTIFICATE', 'PEER_WITHOUT_CERTIFICATE'],
  );
  assert.equal(refused[1]?.id, verifier.verdict.id);
  assert.equal(accepted.length, 0);
  assert.equal(listener.counts.connections, 0);
});

test('our own verifier decides about servers too, before anything is sent', async () => {
  const verifier = new Believer();
  verifier.verdict = failure('PEER_WITHOUT_CERTIFICATE', { target: 'refused by the test' });
  const { listener } = await listen();
  const result = await connect(listener.port, { verifier });
  assert.equal(result.ok, false);
});

test('clients need no certificate where none is asked for, and stay strangers', async () => {
  const { listener, accepted, inbox } = await listen({ peerCertificate: 'none' });
  const connection = valueOf(await connect(listener.port, { identity: undefined }));
  connection.send(options);
  await inbox.next();
  assert.equal(accepted[0]?.authenticated, false);
  assert.equal(accepted[0]?.peerChain, undefined);
  assert.equal(listener.counts.unauthenticated, 1);
  accepted[0]?.markAuthenticated();
  assert.equal(listener.counts.unauthenticated, 0);
});

test('strangers over the limit are reset; a place given back is used again', async () => {
  const admissionLimits = { maxUnauthenticated: 10, maxUnauthenticatedPerSource: 1 };
  const { listener } = await listen({ peerCertificate: 'none', admissionLimits });
  // Holds its place without even starting the handshake.
  const silent = netConnect(listener.port, '127.0.0.1');
  await once(silent, 'connect');
  assert.equal((await connect(listener.port)).ok, false);
  assert.equal(listener.counts.refused['unauthenticated-from-source'], 1);
  silent.destroy();
  while (listener.counts.connections > 0) await new Promise(setImmediate);
  assert.equal((await connect(listener.port)).ok, true);
});

test('a handshake that does not finish, or is none, ends and is counted', async () => {
  const { listener, refused } = await listen({ handshakeTimeoutMs: 50 });
  const silent = netConnect(listener.port, '127.0.0.1');
  await once(silent, 'close');
  const plain = netConnect(listener.port, '127.0.0.1');
  plain.on('error', () => {});
  plain.write(text);
  await once(plain, 'close');
  assert.equal(listener.counts.tlsFailures, 2);
  assert.deepEqual(
    refused.map(why => why.code),
    ['PEER_TLS_FAILED', 'PEER_TLS_FAILED'],
  );
  assert.match(refused[1]?.text ?? '', /could not be negotiated: (?!.*openssl)[a-z ]+\.$/);
  while (listener.counts.connections > 0) await new Promise(setImmediate);
});

test('TLS 1.1 is refused', async () => {
  const { listener } = await listen({ peerCertificate: 'none' });
  const old = tlsConnect({
    host: '127.0.0.1',
    port: listener.port,
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1.1',
    ciphers: 'ALL:@SECLEVEL=0',
  });
  const [error] = (await once(old, 'error')) as [NodeJS.ErrnoException];
  assert.match(String(error.code), /PROTOCOL|ALERT/);
});

test('another certificate serves the next connection; an unusable one changes nothing', async () => {
  const { listener } = await listen();
  const names = async () => valueOf(await connect(listener.port)).peer?.names;
  assert.deepEqual(await names(), ['edge.fabrikam.test']);
  const bad = listener.setIdentity({ cert: 'nonsense', key: 'nonsense' });
  assert.equal(bad.ok ? undefined : bad.error.code, 'TLS_SETTINGS_UNUSABLE');
  assert.deepEqual(await names(), ['edge.fabrikam.test']);
  assert.equal(listener.setIdentity(await identityOf('edge2.fabrikam.test')).ok, true);
  assert.deepEqual(await names(), ['edge2.fabrikam.test']);
});

test('plain TCP; closing the listener closes its connections and frees the port', async () => {
  const inbox = new Inbox();
  const listener = valueOf(await listenTcp(base(inbox)));
  const { port } = listener;
  const client = netConnect(port, '127.0.0.1').resume();
  client.write(options.head);
  assert.equal((await inbox.next()).callId, 'one');
  await Promise.all([listener.close(), once(client, 'close')]);
  assert.deepEqual(inbox.ends, [{ kind: 'closed-here', detail: 'the listener is closing' }]);
  const again = valueOf(await listenTcp({ ...base(inbox), port }));
  await again.close();
});

test('a signal closes the listener', async () => {
  const stop = new AbortController();
  const inbox = new Inbox();
  const listener = valueOf(await listenTcp({ ...base(inbox), signal: stop.signal }));
  const client = netConnect(listener.port, '127.0.0.1').resume();
  client.write(options.head);
  await inbox.next();
  stop.abort();
  await once(client, 'close');
  await assert.rejects(once(netConnect(listener.port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' });
});

test('why a port cannot be opened is said clearly', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const inUse = await listenTcp({ ...base(new Inbox()), port });
  assert.equal(inUse.ok ? undefined : inUse.error.code, 'PORT_IN_USE');
  assert.match(inUse.ok ? '' : inUse.error.text, new RegExp(`Port ${port} on 127.0.0.1`));
  taken.close();
  const foreign = await listenTcp({ ...base(new Inbox()), host: '192.0.2.1' });
  assert.equal(foreign.ok ? undefined : foreign.error.code, 'ADDRESS_NOT_AVAILABLE');
  const unusable = await listenTls({ ...base(new Inbox()), identity: { cert: '', key: 'nonsense' }, peerCertificate: 'none' });
  assert.equal(unusable.ok ? undefined : unusable.error.code, 'TLS_SETTINGS_UNUSABLE');
});

test('a server that says nothing is given up after the time, or when the caller gives up', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const clock = new FakeClock();
  const waiting = connect(port, { clock, timeoutMs: 5_000 });
  clock.advance(5_000);
  const late = await waiting;
  assert.equal(late.ok ? undefined : late.error.code, 'PEER_CONNECT_TIMEOUT');
  assert.equal(clock.timers, 0);
  const abort = new AbortController();
  const abandoned = connect(port, { signal: abort.signal });
  abort.abort();
  const given = await abandoned;
  assert.equal(given.ok ? undefined : given.error.code, 'PEER_UNREACHABLE');
  silent.close();
});
