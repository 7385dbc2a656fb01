import type { WatcherElement, WatcherEvent } from '../../body/winfo.ts';
import { type Aor, type TenantId, uriOfAor } from '../../model/names.ts';
import type { OutgoingMessage } from '../../sip/serialise.ts';
import { type EventValue, formatEvent, watcherInfoEvent } from './event.ts';
import { fillNotify, type NotifierDialog, type NotifyBody, type NotifyTemplate, notifyTemplate } from './notifier-dialog.ts';
import type { NotifyPort } from './notify-port.ts';
import type { SubscriptionRow } from './presence-rows.ts';
import type { Subscriber } from './watchers.ts';

/** Why a subscription has ended, as the watcher is told (rfc6665 4.1.3). */
export type TerminationReason = 'timeout' | 'rejected' | 'deactivated' | 'giveup' | 'noresource';

/** State of a subscription at the notifier (rfc6665 4.1.2). */
export type SubscriptionState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'active' }
  | { readonly kind: 'terminated'; readonly reason: TerminationReason; readonly retryAfterSeconds?: number };

/** What happens to a subscription. */
export type SubscriptionInput =
  /** The user lets the watcher see. */
  | 'approved'
  /** The user does not. */
  | 'rejected'
  /** The watcher has ended it. */
  | 'unsubscribed'
  | 'expired'
  /** The user has said nothing for too long. */
  | 'unconfirmed'
  /** This server stops; another one serves the watcher at once. */
  | 'moved'
  /** The user is no more. */
  | 'presentity-removed';

const terminations: Readonly<Record<Exclude<SubscriptionInput, 'approved'>, SubscriptionState>> = {
  rejected: { kind: 'terminated', reason: 'rejected' },
  unsubscribed: { kind: 'terminated', reason: 'timeout' },
  expired: { kind: 'terminated', reason: 'timeout' },
  unconfirmed: { kind: 'terminated', reason: 'giveup', retryAfterSeconds: 3600 },
  moved: { kind: 'terminated', reason: 'deactivated' },
  'presentity-removed': { kind: 'terminated', reason: 'noresource' },
};

/** The state after `input`; the same object where nothing changes. What has ended stays so (rfc6665 4.1.2). */
export function nextSubscriptionState(state: SubscriptionState, input: SubscriptionInput): SubscriptionState {
  if (state.kind === 'terminated') return state;
  if (input === 'approved') return state.kind === 'active' ? state : { kind: 'active' };
  // nobody gives up on what is confirmed
  return input === 'unconfirmed' && state.kind === 'active' ? state : terminations[input];
}

/** CSeq numbers are kept this many at once, so that a NOTIFY needs no write (D24). */
const cseqBlock = 100;

/** What a subscription begins with. */
export interface SubscriptionStart {
  readonly id: string;
  readonly tenant: TenantId;
  readonly presentity: Aor;
  readonly subscriber: Subscriber;
  readonly event: EventValue;
  readonly dialog: NotifierDialog;
  readonly via: NotifyPort;
  readonly state: SubscriptionState;
  readonly looksOffline: boolean;
  readonly nowMs: number;
  readonly expiresAtMs: number;
}

/** One subscription of one watcher, from its SUBSCRIBE to its last NOTIFY. */
export class Subscription {
  readonly id: string;
  readonly tenant: TenantId;
  readonly presentity: Aor;
  readonly subscriber: Subscriber;
  readonly event: EventValue;
  readonly sinceMs: number;
  dialog: NotifierDialog;
  via: NotifyPort;
  state: SubscriptionState;
  /** Shown an offline user, whatever the truth. */
  looksOffline: boolean;
  expiresAtMs: number;
  /** The body of the last NOTIFY: the same one is not sent again. */
  lastBody: NotifyBody | undefined;
  /** Winfo only: watchers that changed since the last NOTIFY, and documents sent so far. */
  readonly watcherChanges = new Map<string, WatcherElement>();
  watcherInfoVersion = 0;
  #template: NotifyTemplate;
  #cseq = 0;
  #reservedCSeq = cseqBlock;

  constructor(start: SubscriptionStart) {
    this.id = start.id;
    this.tenant = start.tenant;
    this.presentity = start.presentity;
    this.subscriber = start.subscriber;
    this.event = start.event;
    this.dialog = start.dialog;
    this.via = start.via;
    this.state = start.state;
    this.looksOffline = start.looksOffline;
    this.sinceMs = start.nowMs;
    this.expiresAtMs = start.expiresAtMs;
    this.#template = this.#makeTemplate();
  }

  get isWatcherInfo(): boolean {
    return this.event.name === watcherInfoEvent;
  }

  get isTerminated(): boolean {
    return this.state.kind === 'terminated';
  }

  /** Takes over what a later SUBSCRIBE said. */
  refresh(dialog: NotifierDialog, via: NotifyPort, expiresAtMs: number): void {
    const sameTemplate = dialog.remoteTarget === this.dialog.remoteTarget && via === this.via;
    this.dialog = dialog;
    this.via = via;
    this.expiresAtMs = expiresAtMs;
    if (!sameTemplate) this.#template = this.#makeTemplate();
  }

  /** Applies an input; true if the state is another one now. */
  apply(input: SubscriptionInput): boolean {
    const next = nextSubscriptionState(this.state, input);
    const changed = next !== this.state;
    this.state = next;
    return changed;
  }

  /** The next NOTIFY, without a Via. `reserved` is called before a CSeq of a new block is used. */
  notify(body: NotifyBody, nowMs: number, reserved: () => void): OutgoingMessage {
    this.lastBody = body;
    if (++this.#cseq > this.#reservedCSeq) {
      this.#reservedCSeq += cseqBlock;
      reserved();
    }
    return fillNotify(this.#template, this.#cseq, this.#stateValue(nowMs), body);
  }

  /** How the user's own watcher information shows it. */
  watcherElement(event: WatcherEvent, nowMs: number): WatcherElement {
    const { displayName, aor } = this.subscriber;
    return {
      id: this.id,
      uri: uriOfAor(aor),
      ...(displayName === undefined ? {} : { displayName }),
      status: this.state.kind,
      event,
      subscribedSeconds: (nowMs - this.sinceMs) / 1000,
      ...(this.isTerminated ? {} : { expiresSeconds: (this.expiresAtMs - nowMs) / 1000 }),
    };
  }

  /** The row to be kept. */
  get row(): SubscriptionRow {
    const { callId, localTag, remoteTag, remoteTarget, routeSet, remoteCSeq } = this.dialog;
    return {
      id: this.id,
      tenant: this.tenant,
      aor: this.presentity,
      watcher: this.subscriber.aor,
      event: formatEvent(this.event),
      ...{ callId, localTag, remoteTag, remoteTarget, routeSet, remoteCSeq },
      reservedCSeq: this.#reservedCSeq,
      expiresAtMs: this.expiresAtMs,
    };
  }

  #makeTemplate(): NotifyTemplate {
    return notifyTemplate(this.dialog, this.via.contact(this.presentity), formatEvent(this.event));
  }

  /** Value of Subscription-State (rfc6665 8.2.3). */
  #stateValue(nowMs: number): string {
    const { state } = this;
    if (state.kind === 'terminated') {
      const { retryAfterSeconds } = state;
      return `terminated;reason=${state.reason}${retryAfterSeconds === undefined ? '' : `;retry-after=${retryAfterSeconds}`}`;
    }
    return `${state.kind};expires=${Math.max(0, Math.ceil((this.expiresAtMs - nowMs) / 1000))}`;
  }
}
