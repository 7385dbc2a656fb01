import type { Clock } from '../base/clock.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import type { Connection } from '../wire/connection.ts';
import type { VerifiedPeer } from '../wire/peer-verifier.ts';
import { ClientProofs } from './client-proofs.ts';
import type { Flow, MessageSecurity } from './flow.ts';
import type { SentBy } from './sent-by.ts';

/** A flow that has a connection to itself: a client of ours, or another server. */
export class ConnectionFlow implements Flow {
  readonly kind: 'client' | 'trunk';
  readonly id: string;
  readonly reliable = true;
  readonly side: SentBy;
  readonly peer: VerifiedPeer | undefined;
  security: MessageSecurity | undefined;
  readonly #connection: Connection;
  readonly #clock: Clock;
  #proofs: ClientProofs | undefined;

  constructor(connection: Connection, side: SentBy, clock: Clock) {
    this.id = connection.id;
    this.kind = connection.peer === undefined ? 'client' : 'trunk';
    this.side = side;
    this.peer = connection.peer;
    this.security = undefined;
    this.#connection = connection;
    this.#clock = clock;
  }

  get closing(): boolean {
    return this.#connection.closing;
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get proofs(): ClientProofs {
    return (this.#proofs ??= new ClientProofs(this.#clock));
  }

  send(message: OutgoingMessage): boolean {
    return this.#connection.send(this.security === undefined ? message : this.security.sign(message));
  }

  markAuthenticated(account: string): boolean {
    return this.#connection.markAuthenticated(account);
  }

  markProven(): void {
    this.#connection.markProven();
  }

  end(detail: string): void {
    this.#connection.close(detail);
  }
}

/** The flow of a connection that has one to itself, made when it is first asked for; `side` is how we name ourselves on it. */
export function flowOf(connection: Connection, side: SentBy, clock: Clock): ConnectionFlow {
  const known = connection.attachment as ConnectionFlow | undefined;
  if (known !== undefined) return known;
  const flow = new ConnectionFlow(connection, side, clock);
  connection.attachment = flow;
  return flow;
}
