import type { Clock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { AddressAnswer, FederationResolver, SrvAnswer } from '../resolve/dns-answer.ts';
import type { TrunkTarget } from '../routing/trunk-pool.ts';
import { Connection, type ConnectionHandler, type ConnectionLimits } from '../wire/connection.ts';
import type { VerifiedPeer } from '../wire/peer-verifier.ts';
import { MemoryStream } from './memory-stream.ts';

/** A port that is listened on. */
export interface PlayListener {
  readonly handler: ConnectionHandler;
  readonly limits: ConnectionLimits;
  /** Names in the certificate that is shown there. */
  readonly names: readonly string[];
}

/** Who connects. `names`: those in the certificate shown, absent where none is. */
export interface PlayCaller {
  readonly handler: ConnectionHandler;
  readonly limits: ConnectionLimits;
  readonly names?: readonly string[];
}

/** Wires in memory between programs of one process: connections as mutual TLS would leave them, with peers already verified. */
export class PlayNetwork {
  readonly #clock: Clock;
  readonly #listeners = new Map<string, PlayListener>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  listen(host: string, port: number, listener: PlayListener): void {
    this.#listeners.set(`${host}:${port}`, listener);
  }

  /** Connects; fails where nobody listens, or where who listens does not bear the name. */
  connect({ host, port }: TrunkTarget, caller: PlayCaller): Result<Connection> {
    const listener = this.#listeners.get(`${host}:${port}`);
    const target = `${host}:${port}`;
    if (listener === undefined) return err(failure('PEER_UNREACHABLE', { target, reason: 'nobody listens there' }));
    if (!listener.names.includes(host)) {
      return err(failure('CERTIFICATE_NAME_MISMATCH', { names: listener.names.join(', '), expected: host }));
    }
    const [near, far] = MemoryStream.pair();
    const common = { clock: this.#clock, secure: true, remoteAddress: '127.0.0.1' };
    const accepted = { ...common, ...listener, stream: far, direction: 'inbound', remotePort: 40_000 } as const;
    void new Connection(caller.names === undefined ? accepted : { ...accepted, peer: peerOf(caller.names) });
    const { handler, limits } = caller;
    const peer = peerOf(listener.names);
    return ok(new Connection({ ...common, handler, limits, stream: near, direction: 'outbound', remotePort: port, peer }));
  }
}

/** DNS with the SRV records that were published. An answer has to be waited for once, as with any resolver. */
export class PlayResolver implements FederationResolver {
  readonly #records = new Map<string, SrvAnswer>();
  readonly #known = new Map<string, SrvAnswer>();

  /** Adds the SRV record of a domain. */
  publish(domain: string, { host: target, port }: TrunkTarget): void {
    this.#records.set(domain, { kind: 'found', records: [{ target, port, priority: 0, weight: 0 }] });
  }

  async srv(domain: string): Promise<SrvAnswer> {
    const answer = this.#known.get(domain) ?? this.#records.get(domain) ?? { kind: 'nxdomain', detail: 'ENOTFOUND' };
    this.#known.set(domain, answer);
    return answer;
  }

  peek(domain: string): SrvAnswer | undefined {
    return this.#known.get(domain);
  }

  /** Wires in memory go by name. */
  async addresses(): Promise<AddressAnswer> {
    return { kind: 'found', records: [{ address: '127.0.0.1', family: 4 }] };
  }

  noteEstablished(): void {}
}

function peerOf(names: readonly string[]): VerifiedPeer {
  const fingerprint = Buffer.from(names.join(' ')).toString('hex');
  return { names, fingerprint, publicKeySha256: fingerprint, issuer: 'play', serial: '1' };
}
