import type { Clock } from '../base/clock.ts';
import type { Connection } from '../wire/connection.ts';
import { type ConnectionFlow, flowOf } from './connection-flow.ts';
import type { Flow } from './flow.ts';
import { type SentBy, sentByOver } from './sent-by.ts';

/** The flows of all clients that are there, by id. */
export class ClientFlows {
  readonly #clock: Clock;
  readonly #side: SentBy;
  readonly #own = new Map<string, ConnectionFlow>();
  /** Finds those of other workers. */
  #findElsewhere: ((flow: string) => Flow | undefined) | undefined;

  /** `side`: how we name ourselves towards clients. */
  constructor(clock: Clock, side: SentBy) {
    this.#clock = clock;
    this.#side = side;
  }

  /** The flow of a client's connection, made with its first message. */
  of(connection: Connection): ConnectionFlow {
    if (connection.attachment !== undefined) return connection.attachment as ConnectionFlow;
    const flow = flowOf(connection, sentByOver(this.#side, connection.transport), this.#clock);
    this.#own.set(flow.id, flow);
    return flow;
  }

  /** The flow of an id while something can be sent on it: ours, or another worker's. */
  find(id: string): Flow | undefined {
    const flow = this.#own.get(id) ?? this.#findElsewhere?.(id);
    return flow?.closing ? undefined : flow;
  }

  /** The flow of an id whose connection is ours. */
  own(id: string): ConnectionFlow | undefined {
    return this.#own.get(id);
  }

  /** Has flows that are not ours looked for by `find`, which gives the same one as long as it lasts. */
  lookElsewhere(find: (flow: string) => Flow | undefined): void {
    this.#findElsewhere = find;
  }

  /** Forgets a flow that has ended; nothing happens where its id has another one by now. */
  ended(flow: Flow): void {
    if (this.#own.get(flow.id) === flow) this.#own.delete(flow.id);
  }
}
