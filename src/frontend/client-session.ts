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
  /** Those of other workers that were asked for. */
  readonly #elsewhere = new Map<string, ClientSession>();
  #connect: ((flow: string) => Connection | undefined) | undefined;

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

  /** The session of a flow, while its connection is there: ours, or another worker's. */
  find(flow: string): ClientSession | undefined {
    return this.#byFlow.get(flow) ?? (this.#connect === undefined ? undefined : this.#findElsewhere(flow));
  }

  /** The session of a flow whose connection is ours. */
  own(flow: string): ClientSession | undefined {
    return this.#byFlow.get(flow);
  }

  /** Has flows that are not ours looked for by `connect`. */
  lookElsewhere(connect: (flow: string) => Connection | undefined): void {
    this.#connect = connect;
  }

  /** Forgets a closed connection, and gives its session; nothing where it has another connection by now, or never had one. */
  closed(connection: Connection): ClientSession | undefined {
    for (const sessions of [this.#byFlow, this.#elsewhere]) {
      const session = sessions.get(connection.id);
      if (session?.connection !== connection) continue;
      sessions.delete(connection.id);
      return session;
    }
    return undefined;
  }

  #findElsewhere(flow: string): ClientSession | undefined {
    const known = this.#elsewhere.get(flow);
    if (known && !known.connection.closing) return known;
    const connection = this.#connect?.(flow);
    if (connection === undefined) return undefined;
    const session = { connection, flow: new Flow(flow, this.#clock) };
    this.#elsewhere.set(flow, session);
    return session;
  }
}
