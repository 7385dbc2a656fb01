import type { Clock } from '../base/clock.ts';
import { Flow } from '../identity/flow.ts';
import type { Connection } from '../wire/connection.ts';

/** A client's connection and what it has proven. For a direct client the connection is its flow (D1). */
export interface ClientSession {
  readonly connection: Connection;
  readonly flow: Flow;
}

/** The sessions of all connected clients, by flow. */
export class ClientSessions {
  readonly #clock: Clock;
  readonly #byFlow = new Map<string, ClientSession>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many clients are connected. */
  get count(): number {
    return this.#byFlow.size;
  }

  /** The session of a connection, made with its first message. */
  of(connection: Connection): ClientSession {
    let session = this.#byFlow.get(connection.id);
    if (!session) this.#byFlow.set(connection.id, (session = { connection, flow: new Flow(connection.id, this.#clock) }));
    return session;
  }

  /** The session of a flow, while its connection is there. */
  find(flow: string): ClientSession | undefined {
    return this.#byFlow.get(flow);
  }

  /** Forgets a closed connection. */
  closed(connection: Connection): void {
    this.#byFlow.delete(connection.id);
  }
}
