import { shortToken } from '../base/random.ts';
import { formatSentBy } from '../routing/forward.ts';
import { withVia } from '../services/presence/notifier-dialog.ts';
import type { NotifyAnswer, NotifyPort } from '../services/presence/notify-port.ts';
import type { SipResponse } from '../sip/message.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { branchCookie } from '../sip/via.ts';
import type { Connection } from '../wire/connection.ts';
import type { ClientSession } from './client-session.ts';
import { sideOf } from './delivery.ts';
import type { FrontEndParts } from './front-end-parts.ts';

/** After a failed connection to the Edge a NOTIFY is worth another try this much later, seconds. */
const edgeRetrySeconds = 5;

/** The ways on which NOTIFY requests of our presentities go out: one object per client flow, and one per Edge (D30). */
export class NotifyPorts {
  readonly #parts: FrontEndParts;
  readonly #clients = new WeakMap<ClientSession, NotifyPort>();
  readonly #edges = new Map<string, NotifyPort>();

  constructor(parts: FrontEndParts) {
    this.#parts = parts;
  }

  /** The way to a client that watches. */
  ofClient(session: ClientSession): NotifyPort {
    let port = this.#clients.get(session);
    if (!port) {
      const { connection } = session;
      port = {
        contact: presentity => `sip:${presentity}`,
        send: (_subscription, notify, onAnswer) =>
          this.#send(connection, formatSentBy(sideOf(this.#parts, session)), notify, onAnswer),
      };
      this.#clients.set(session, port);
    }
    return port;
  }

  /** The way of a client whose connection is closing, if it ever watched. */
  knownOfClient(session: ClientSession): NotifyPort | undefined {
    return this.#clients.get(session);
  }

  /** The way to watchers outside, through the Edge computer of that name. */
  ofEdge(edge: string): NotifyPort {
    let port = this.#edges.get(edge);
    if (!port) {
      port = {
        contact: presentity => `sip:${presentity}`,
        send: (subscription, notify, onAnswer) => void this.#sendByEdge(edge, subscription, notify, onAnswer),
      };
      this.#edges.set(edge, port);
    }
    return port;
  }

  async #sendByEdge(
    edge: string,
    subscription: string,
    notify: OutgoingMessage,
    onAnswer: (answer: NotifyAnswer) => void,
  ): Promise<void> {
    const { edges, configuration, trunkSide } = this.#parts;
    let trunk = edges.through(configuration.current, edge, subscription);
    if (trunk.kind === 'opening') {
      await trunk.until;
      trunk = edges.through(configuration.current, edge, subscription);
    }
    if (trunk.kind !== 'open') return onAnswer({ status: 503, retryAfterSeconds: edgeRetrySeconds });
    this.#send(trunk.connection, formatSentBy(trunkSide), notify, onAnswer);
  }

  #send(connection: Connection, sentBy: string, notify: OutgoingMessage, onAnswer: (answer: NotifyAnswer) => void): void {
    const branch = branchCookie + shortToken();
    const message = withVia(notify, `${sentBy};branch=${branch}`);
    this.#parts.layer.send({ method: 'NOTIFY', branch, message }, connection, {
      onResponse: response => {
        if (response.status >= 200) onAnswer(answerOf(response));
      },
      onTimeout: () => onAnswer({ status: 408 }),
      onTransportError: () => onAnswer({ status: 503 }),
    });
  }
}

function answerOf(response: SipResponse): NotifyAnswer {
  const retryAfter = /^\d{1,6}/.exec(response.get('Retry-After') ?? '')?.[0];
  return { status: response.status, ...(retryAfter === undefined ? {} : { retryAfterSeconds: Number(retryAfter) }) };
}
