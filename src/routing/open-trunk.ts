import type { Clock } from '../base/clock.ts';
import { type Failure, failure } from '../base/failure.ts';
import { err, type Result } from '../base/result.ts';
import { requirePeerName } from '../certificates/names.ts';
import type { FederationResolver, HostAddress } from '../resolve/dns-answer.ts';
import { parentOf } from '../resolve/strict-name.ts';
import { connectTls } from '../wire/connect.ts';
import { type Connection, type ConnectionHandler, partnerConnectionLimits, trunkConnectionLimits } from '../wire/connection.ts';
import type { InboundBuffers } from '../wire/inbound-buffers.ts';
import type { TlsIdentity } from '../wire/listener.ts';
import type { PeerVerifier } from '../wire/peer-verifier.ts';
import type { OpenTrunk, TrunkTarget } from './trunk-pool.ts';

/** What opening a trunk needs. */
export interface TrunkOpenerOptions {
  readonly clock: Clock;
  readonly resolver: FederationResolver;
  /** Our certificate, shown to the other side. */
  readonly identity: () => TlsIdentity;
  /** Checks the other side's path; its name is compared here. */
  readonly verifier: PeerVerifier;
  readonly handler: ConnectionHandler;
  /** The address of ours to connect from; any where absent. */
  readonly localAddress?: string | undefined;
  /** For a peer that is not one of our own servers: memory for parts of its messages, and the longest body it may send. */
  readonly buffers?: InboundBuffers;
  readonly longestBody?: (connection: Connection) => number;
}

/** For everything up to a verified peer, per address. */
const connectTimeoutMs = 5000;
/** Addresses of a host that are tried, and after how long no further one is begun: a name may have any number, of its owner's choice. */
const mostAddresses = 4;
const longestMs = 10_000;

/**
 * Makes the function that opens trunks: resolves the host, tries its addresses in turn over mutual TLS, and takes only a peer
 * whose certificate bears the host's name.
 */
export function trunkOpener(options: TrunkOpenerOptions): OpenTrunk<Connection> {
  return async target => {
    const answer = await options.resolver.addresses(target.host);
    if (answer.kind !== 'found') return err(addressFailure(target, answer.kind));
    let last: Failure | undefined;
    const giveUpAtMs = options.clock.monotonic() + longestMs;
    for (const { address } of ofBothFamilies(answer.records).slice(0, mostAddresses)) {
      if (last && options.clock.monotonic() >= giveUpAtMs) break;
      const opened = await openTo(options, target, address);
      if (opened.ok) return opened;
      // the first cause is told: what went wrong at the address the others only stand in for
      last ??= opened.error;
    }
    return err(last as Failure);
  };
}

/** IPv4 and IPv6 in turn, so that a few are of both: one of them may lead nowhere. */
function ofBothFamilies(records: readonly HostAddress[]): readonly HostAddress[] {
  const [four, six] = [records.filter(({ family }) => family === 4), records.filter(({ family }) => family === 6)];
  if (six.length === 0 || four.length === 0) return records;
  const most = Math.max(four.length, six.length);
  return Array.from({ length: most }, (_, i) => [four[i], six[i]].filter(record => record !== undefined)).flat();
}

function addressFailure(target: TrunkTarget, kind: string): Failure {
  const dnsIsDown = kind === 'servfail' || kind === 'timeout';
  return dnsIsDown
    ? failure('ADDRESS_UNAVAILABLE', { host: target.host, answer: kind })
    : failure('ADDRESS_NOT_FOUND', { host: target.host, domain: parentOf(target.host) });
}

function openTo(options: TrunkOpenerOptions, target: TrunkTarget, address: string): Promise<Result<Connection>> {
  const verifier: PeerVerifier = {
    verify(chain) {
      const peer = options.verifier.verify(chain);
      if (!peer.ok) return peer;
      const named = requirePeerName(peer.value.names, [target.host]);
      return named.ok ? peer : named;
    },
  };
  return connectTls({
    address,
    port: target.port,
    serverName: target.host,
    identity: options.identity(),
    verifier,
    handler: options.handler,
    clock: options.clock,
    connectionLimits: options.longestBody ? partnerConnectionLimits : trunkConnectionLimits,
    buffers: options.buffers,
    longestBody: options.longestBody,
    timeoutMs: connectTimeoutMs,
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
  });
}
