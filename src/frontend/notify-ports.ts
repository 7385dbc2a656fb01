import type { ClientFlows } from '../flow/client-flows.ts';
import type { Flow } from '../flow/flow.ts';
import { formatSentBy, newBranch } from '../flow/sent-by.ts';
import { uriOfAor } from '../model/names.ts';
import { DecisionTrace } from '../observe/decision-trace.ts';
import type { SrvAnswer } from '../resolve/dns-answer.ts';
import type { RoleLog } from '../routing/role-log.ts';
import type { TrunkPool } from '../routing/trunk-pool.ts';
import { takeTrunk } from '../routing/trunk-route.ts';
import { withVia } from '../services/events/notifier-dialog.ts';
import type { NotifiedSubscription, NotifyAnswer, NotifyPort } from '../services/events/notify-port.ts';
import type { SipResponse } from '../sip/message.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { DecisionParts } from './decision-parts.ts';
import { routeThrough } from './federation-route.ts';
import { decideNotify } from './notify-decision.ts';

/** The status of a NOTIFY that policy keeps back. */
const forbidden: NotifyAnswer = { status: 403 };
/** It cannot be sent now. */
const lost: NotifyAnswer = { status: 503 };
/** A BENOTIFY is answered by nobody. */
const sent: NotifyAnswer = { status: 200 };

/** What NOTIFY requests are sent with. */
export interface NotifyPortParts extends DecisionParts {
  /** The connections to Edges. */
  readonly edges: TrunkPool<Flow>;
  readonly flows: Pick<ClientFlows, 'find'>;
  readonly layer: TransactionLayer<Flow>;
  readonly log: RoleLog;
}

/** The way back to a watcher: a client's flow, or the Edge computer of that name. */
export type NotifyWay = { readonly flow: string } | { readonly edge: string };

type OnAnswer = (answer: NotifyAnswer) => void;

/** The ways on which NOTIFY requests of our presentities go out: one object per client flow, and one per Edge (D30). */
export class NotifyPorts {
  readonly #parts: NotifyPortParts;
  readonly #clients = new WeakMap<Flow, NotifyPort>();
  readonly #edges = new Map<string, NotifyPort>();
  readonly #trace = new DecisionTrace();

  constructor(parts: NotifyPortParts) {
    this.#parts = parts;
  }

  /** The way to a watcher as the notifier uses it; undefined where the flow is no more. */
  find(way: NotifyWay): NotifyPort | undefined {
    if ('edge' in way) return this.ofEdge(way.edge);
    const flow = this.#parts.flows.find(way.flow);
    return flow && this.ofClient(flow);
  }

  /** The way to a client that watches. */
  ofClient(flow: Flow): NotifyPort {
    let port = this.#clients.get(flow);
    if (!port) {
      port = this.#port((subscription, notify, onAnswer) => this.#send(flow, subscription, notify, onAnswer));
      this.#clients.set(flow, port);
    }
    return port;
  }

  /** The way of a client whose flow has ended, if it ever watched. */
  knownOfClient(flow: Flow): NotifyPort | undefined {
    return this.#clients.get(flow);
  }

  /** The way to watchers outside, through the Edge computer of that name. */
  ofEdge(edge: string): NotifyPort {
    let port = this.#edges.get(edge);
    if (!port) {
      port = this.#port((subscription, notify, onAnswer) => void this.#sendByEdge(edge, subscription, notify, onAnswer));
      this.#edges.set(edge, port);
    }
    return port;
  }

  #port(send: NotifyPort['send']): NotifyPort {
    return {
      contact: uriOfAor,
      send: (subscription, notify, onAnswer) => this.#sendPermitted(subscription, notify, onAnswer, send),
    };
  }

  /** Asks policy first; a watcher it cuts off is not told, for that would go the same way. */
  #sendPermitted(
    subscription: NotifiedSubscription,
    notify: OutgoingMessage,
    onAnswer: OnAnswer,
    send: NotifyPort['send'],
    heard?: SrvAnswer,
  ): void {
    const verdict = decideNotify(this.#parts, subscription, this.#trace, heard);
    if (verdict.kind === 'allowed') return send(subscription, notify, onAnswer);
    if (verdict.kind === 'wait') {
      verdict.until.then(
        answer => this.#sendPermitted(subscription, notify, onAnswer, send, answer),
        fault => {
          this.#parts.log.connectionFaulted(fault);
          onAnswer(lost);
        },
      );
      return;
    }
    const { code, text } = verdict.failure;
    this.#parts.log.event('watcher-cut-off', {
      user: subscription.user.aor,
      watcher: subscription.subscriber.aor,
      code,
      text,
    });
    onAnswer(forbidden);
  }

  async #sendByEdge(
    edge: string,
    subscription: NotifiedSubscription,
    notify: OutgoingMessage,
    onAnswer: OnAnswer,
  ): Promise<void> {
    const { edges, configuration } = this.#parts;
    const route = routeThrough(configuration.current, edge, subscription.id);
    if (!route.ok) return onAnswer(lost);
    let trunk = takeTrunk(edges, route.value, subscription.id);
    if (trunk.kind === 'opening') trunk = takeTrunk(edges, route.value, subscription.id, await trunk.until);
    if (trunk.kind !== 'open') return onAnswer(lost);
    this.#send(trunk.flow, subscription, notify, onAnswer);
  }

  #send(flow: Flow, { isBestEffort }: NotifiedSubscription, notify: OutgoingMessage, onAnswer: OnAnswer): void {
    const branch = newBranch(flow.side);
    const message = withVia(notify, `${formatSentBy(flow.side)};branch=${branch}`);
    if (isBestEffort) return onAnswer(flow.send(message) ? sent : lost);
    this.#parts.layer.send({ method: 'NOTIFY', branch, message }, flow, {
      onResponse: response => {
        if (response.status >= 200) onAnswer(answerOf(response));
      },
      onTimeout: () => onAnswer({ status: 408 }),
      onTransportError: () => onAnswer(lost),
    });
  }
}

function answerOf(response: SipResponse): NotifyAnswer {
  const retryAfter = /^\d{1,6}/.exec(response.get('Retry-After') ?? '')?.[0];
  return { status: response.status, ...(retryAfter === undefined ? {} : { retryAfterSeconds: Number(retryAfter) }) };
}
