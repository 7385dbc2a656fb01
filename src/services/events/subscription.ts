import type { OutgoingMessage } from '../../sip/serialise.ts';
import { type EventValue, formatEvent } from './event-value.ts';
import { fillNotify, type NotifierDialog, type NotifyBody, type NotifyTemplate, notifyTemplate } from './notifier-dialog.ts';
import type { NotifyPort } from './notify-port.ts';
import type { ResourceList } from './resource-list.ts';
import type { Subscriber } from './subscriber.ts';
import {
  nextSubscriptionState,
  type SubscriptionInput,
  type SubscriptionState,
  subscriptionStateValue,
} from './subscription-state.ts';
import type { WatchedUser } from './watched-user.ts';

/** What a subscription begins with. */
export interface SubscriptionStart {
  readonly id: string;
  /** Whom it is about: the only resource, or whose list it is. */
  readonly user: WatchedUser;
  readonly subscriber: Subscriber;
  readonly event: EventValue;
  readonly dialog: NotifierDialog;
  readonly via: NotifyPort;
  /** Set where it tells of many resources in one dialog (rfc5367, rfc4662). */
  readonly list?: ResourceList | undefined;
  /** BENOTIFY instead of NOTIFY: nobody answers. */
  readonly isBestEffort: boolean;
  readonly nowMs: number;
  readonly expiresAtMs: number;
}

/** One subscription of one watcher, from its SUBSCRIBE to its last NOTIFY. */
export class Subscription {
  readonly id: string;
  readonly user: WatchedUser;
  readonly subscriber: Subscriber;
  readonly event: EventValue;
  readonly list: ResourceList | undefined;
  readonly isBestEffort: boolean;
  readonly sinceMs: number;
  /** What it tells of, one or many; filled right after it is made. */
  readonly watches: Watch[] = [];
  /** Of a list: what has changed since the last NOTIFY, whom the watcher may not see, and how many bodies were made. */
  readonly changed: Set<Watch> | undefined;
  readonly refused: WatchedUser[] | undefined;
  listVersion = 0;
  /** It counts for its watcher until its last NOTIFY is answered. */
  hasPlace = false;
  dialog: NotifierDialog;
  via: NotifyPort;
  expiresAtMs: number;
  #ended: SubscriptionState | undefined;
  #template: NotifyTemplate;
  #cseq = 0;

  constructor(start: SubscriptionStart) {
    this.id = start.id;
    this.user = start.user;
    this.subscriber = start.subscriber;
    this.event = start.event;
    this.list = start.list;
    this.changed = start.list && new Set();
    this.refused = start.list && [];
    this.isBestEffort = start.isBestEffort;
    this.dialog = start.dialog;
    this.via = start.via;
    this.sinceMs = start.nowMs;
    this.expiresAtMs = start.expiresAtMs;
    this.#template = this.#makeTemplate();
  }

  /** That of its only resource; of a list `active` until it ends. */
  get state(): SubscriptionState {
    if (this.#ended !== undefined) return this.#ended;
    return this.list === undefined ? (this.watches[0] as Watch).state : { kind: 'active' };
  }

  get isTerminated(): boolean {
    return this.#ended !== undefined;
  }

  /** Takes over what a later SUBSCRIBE said. */
  refresh(dialog: NotifierDialog, via: NotifyPort, expiresAtMs: number): void {
    const sameTemplate = dialog.remoteTarget === this.dialog.remoteTarget && via === this.via;
    this.dialog = dialog;
    this.via = via;
    this.expiresAtMs = expiresAtMs;
    if (!sameTemplate) this.#template = this.#makeTemplate();
  }

  /** Ends it, with all its watches. */
  end(input: Exclude<SubscriptionInput, 'approved'>): void {
    for (const watch of this.watches) watch.state = nextSubscriptionState(watch.state, input);
    this.#ended ??= nextSubscriptionState({ kind: 'pending' }, input);
  }

  /** The next NOTIFY, without a Via. */
  notify(body: NotifyBody, nowMs: number): OutgoingMessage {
    return fillNotify(this.#template, ++this.#cseq, this.stateValue(nowMs), body);
  }

  /** The body is told by the answer to the SUBSCRIBE, as the first NOTIFY would: it counts as one. */
  piggyback(): number {
    return ++this.#cseq;
  }

  /** Value of Subscription-State. */
  stateValue(nowMs: number): string {
    return subscriptionStateValue(this.state, this.expiresAtMs - nowMs);
  }

  #makeTemplate(): NotifyTemplate {
    const method = this.isBestEffort ? 'BENOTIFY' : 'NOTIFY';
    return notifyTemplate(this.dialog, method, this.via.contact(this.user.aor), formatEvent(this.event));
  }
}

/** What an event package permits a watcher. */
export interface Permission {
  /** `pending`: the user has still to say so. */
  readonly status: 'active' | 'pending';
  readonly looksOffline: boolean;
}

/** One resource that a subscription tells of; most subscriptions have one. `R` is what its event package keeps of the user. */
export class Watch<R = unknown> {
  readonly subscription: Subscription;
  readonly user: WatchedUser;
  readonly resource: R;
  state: SubscriptionState;
  /** Shown a user who is not there, whatever the truth. */
  looksOffline: boolean;
  /** The body of the last NOTIFY: the same one is not sent again. */
  lastBody: NotifyBody | undefined;

  constructor(subscription: Subscription, user: WatchedUser, resource: R, { status, looksOffline }: Permission) {
    this.subscription = subscription;
    this.user = { tenant: user.tenant, aor: user.aor };
    this.resource = resource;
    this.state = { kind: status };
    this.looksOffline = looksOffline;
  }
}
