import type { Clock } from '../../base/clock.ts';
import { detach } from '../../base/detach.ts';
import { failure } from '../../base/failure.ts';
import { shortToken } from '../../base/random.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { renderWatcherInformation, type WatcherEvent, watcherInfoMediaType } from '../../body/winfo.ts';
import type { Aor } from '../../model/names.ts';
import type { User } from '../../model/user.ts';
import { MergedRequests } from '../../routing/merged-requests.ts';
import { createResponse } from '../../sip/create-message.ts';
import type { SipRequest } from '../../sip/message.ts';
import type { OutgoingMessage } from '../../sip/serialise.ts';
import { presenceEvent, supportedEvents, watcherInfoEvent } from './event.ts';
import { emptyNotifyBody, type NotifyBody, notifyBody, openDialog, refreshDialog } from './notifier-dialog.ts';
import type { NotifyPort } from './notify-port.ts';
import { NotifyQueue } from './notify-queue.ts';
import type { PresenceLimits } from './presence-limits.ts';
import type { PresenceStore } from './presence-rows.ts';
import type { Presentity } from './presentity.ts';
import { presentityUri } from './publication.ts';
import { readSubscribe, type SubscribeWish } from './subscribe-request.ts';
import { Subscription, type SubscriptionInput } from './subscription.ts';
import { SubscriptionTable } from './subscription-table.ts';
import { decideWatcher, type Subscriber, type WatcherDecision, type WatcherRules } from './watchers.ts';

/** What the notifier asks its owner. */
export interface NotifierOwner {
  /** The presentity of that user, made where there is none. */
  presentityOf(user: Pick<User, 'tenant' | 'aor'>): Presentity;
  rulesOf(presentity: Presentity): WatcherRules;
  maxWatchersOf(presentity: Presentity): number;
  /** The document for watchers who may see the state. */
  bodyOf(presentity: Presentity): NotifyBody;
  /** Called before each turn of NOTIFY requests: whose state is another now gets `stateChanged`. */
  prepareTurn(): void;
  /** A subscription of that presentity has ended, or did not begin. */
  onEnded(presentity: Presentity): void;
}

/** A SUBSCRIBE whose sender is known: who it is, whom it is about, which way its NOTIFY requests go. */
export interface Subscribe {
  readonly request: SipRequest;
  readonly subscriber: Subscriber;
  readonly presentity: User;
  readonly via: NotifyPort;
}

/** The notifier of rfc6665 4.2: answers SUBSCRIBE and keeps every watcher informed until its subscription ends. */
export class Notifier {
  readonly #clock: Clock;
  readonly #limits: PresenceLimits;
  readonly #store: PresenceStore;
  readonly #owner: NotifierOwner;
  readonly #table: SubscriptionTable;
  readonly #queue: NotifyQueue;
  readonly #merged: MergedRequests;
  /** Also of those whose last NOTIFY is still to come, when their presentity may be known to nobody else. */
  readonly #presentities = new WeakMap<Subscription, Presentity>();
  #pending = 0;

  constructor(clock: Clock, limits: PresenceLimits, store: PresenceStore, owner: NotifierOwner) {
    this.#clock = clock;
    this.#limits = limits;
    this.#store = store;
    this.#owner = owner;
    this.#table = new SubscriptionTable(clock.now());
    this.#merged = new MergedRequests(clock);
    this.#queue = new NotifyQueue(clock, limits, {
      prepareTurn: () => owner.prepareTurn(),
      bodyFor: (subscription, isForced) => this.#bodyFor(subscription, isForced),
      onReserved: subscription => this.#keep(subscription),
      onNotifyFailed: subscription => this.#end(subscription, 'unsubscribed', 'silently'),
    });
  }

  /** Live subscriptions, those of them that wait for the user's word, and NOTIFY requests without an answer or waiting to go. */
  get counts(): {
    readonly subscriptions: number;
    readonly pending: number;
    readonly outstanding: number;
    readonly due: number;
  } {
    const { outstanding, due } = this.#queue;
    return { subscriptions: this.#table.count, pending: this.#pending, outstanding, due };
  }

  /** NOTIFY requests sent since the start. */
  get sent(): number {
    return this.#queue.sent;
  }

  /** Answers a SUBSCRIBE; its NOTIFY follows after this returned. */
  subscribe(subscribe: Subscribe): Result<OutgoingMessage> {
    const { request } = subscribe;
    const merged = this.#merged.check(request);
    if (merged) return err(merged);
    const wish = readSubscribe(request, this.#limits);
    if (!wish.ok) return wish;
    return request.toTag === undefined ? this.#begin(subscribe, wish.value) : this.#refresh(subscribe, wish.value);
  }

  /** Has prepareTurn called soon. */
  wake(): void {
    this.#queue.wake();
  }

  /** Tells everybody who watches that the state is another. */
  stateChanged(presentity: Presentity): void {
    for (const subscription of presentity.subscriptions) {
      if (!subscription.looksOffline && subscription.state.kind === 'active') this.#queue.enqueue(subscription, false);
    }
  }

  /** The user has changed who may watch: decides about all watchers anew. */
  rulesChanged(presentity: Presentity): void {
    const rules = this.#owner.rulesOf(presentity);
    for (const subscription of [...presentity.subscriptions]) {
      const decision = decideWatcher(presentity.aor, rules, subscription.subscriber);
      if (decision.status === 'rejected') this.#end(subscription, 'rejected');
      else this.#decided(presentity, subscription, decision);
    }
  }

  /** Ends what went over a closed connection; nobody can be told. */
  portClosed(via: NotifyPort): void {
    for (const subscription of this.#table.ofPort(via)) this.#end(subscription, 'unsubscribed', 'silently');
  }

  /** Ends the subscriptions to a user who is no more, and the user's own. */
  userRemoved(presentity: Presentity): void {
    const own = this.#table.ofWatcher(presentity.aor);
    for (const subscription of new Set([...presentity.subscriptions, ...presentity.watcherInfos, ...own])) {
      this.#end(subscription, 'presentity-removed');
    }
  }

  /** Ends what a user watches who has to sign in anew: other users of the same connection keep theirs. */
  watcherSignedOut(watcher: Aor): void {
    for (const subscription of this.#table.ofWatcher(watcher)) this.#end(subscription, 'moved');
  }

  /** Ends all of them so that the watchers subscribe again, elsewhere. */
  deactivate(): void {
    for (const subscription of this.#table.all) this.#end(subscription, 'moved');
  }

  /** Ends what has expired. */
  expire(nowMs: number): void {
    for (const subscription of this.#table.sweep(nowMs)) this.#end(subscription, 'expired');
  }

  #begin({ request, subscriber, presentity: user, via }: Subscribe, wish: SubscribeWish): Result<OutgoingMessage> {
    const isWatcherInfo = wish.event.name === watcherInfoEvent;
    if (isWatcherInfo && subscriber.aor !== user.aor) {
      return err(failure('PRESENCE_NOT_OWNER', { sender: subscriber.aor, user: user.aor }));
    }
    const localTag = shortToken();
    const dialog = openDialog(request, user.aor, localTag, this.#limits);
    if (!dialog.ok) return dialog;
    const presentity = this.#owner.presentityOf(user);
    const decision = decideWatcher(user.aor, this.#owner.rulesOf(presentity), subscriber);
    const allowed = this.#checkLimits(presentity, subscriber, decision, isWatcherInfo, wish.expiresSeconds === 0);
    if (!allowed.ok) {
      this.#owner.onEnded(presentity);
      return allowed;
    }
    const nowMs = this.#clock.now();
    const { displayName } = subscriber;
    const subscription = new Subscription({
      id: shortToken() + shortToken(),
      tenant: user.tenant,
      presentity: user.aor,
      subscriber: { ...subscriber, ...(displayName === undefined ? {} : { displayName: detach(displayName) }) },
      event: wish.event,
      dialog: dialog.value,
      via,
      state: { kind: decision.status === 'pending' ? 'pending' : 'active' },
      looksOffline: decision.looksOffline,
      nowMs,
      expiresAtMs: nowMs + wish.expiresSeconds * 1000,
    });
    this.#presentities.set(subscription, presentity);
    // a fetch is over when it is answered (rfc6665 4.4.3): a NOTIFY goes out, nothing is kept
    if (wish.expiresSeconds > 0) this.#add(presentity, subscription);
    else subscription.apply('unsubscribed');
    this.#queue.enqueue(subscription, true);
    if (subscription.isTerminated) this.#owner.onEnded(presentity);
    return ok(this.#answer(request, subscription, wish.expiresSeconds));
  }

  #checkLimits(
    presentity: Presentity,
    subscriber: Subscriber,
    decision: WatcherDecision,
    isWatcherInfo: boolean,
    isFetch: boolean,
  ): Result<void> {
    const limits = this.#limits;
    if (decision.status === 'rejected') {
      return err(failure('WATCHER_REJECTED', { user: presentity.aor, watcher: subscriber.aor }));
    }
    const waiting = this.#queue.outstanding + this.#queue.due;
    if (this.#table.count >= limits.maxSubscriptions || waiting >= limits.maxSubscriptions) {
      return err(failure('SERVER_BUSY', { limit: limits.maxSubscriptions }));
    }
    if (isFetch) return ok(undefined);
    const reached = (user: string, limit: number): Result<void> => err(failure('SUBSCRIPTION_LIMIT_REACHED', { user, limit }));
    if (this.#table.countOfWatcher(subscriber.aor) >= limits.maxSubscriptionsPerWatcher) {
      return reached(subscriber.aor, limits.maxSubscriptionsPerWatcher);
    }
    if (isWatcherInfo) {
      const isFull = presentity.watcherInfos.size >= limits.maxWatcherInfoPerUser;
      return isFull ? reached(presentity.aor, limits.maxWatcherInfoPerUser) : ok(undefined);
    }
    const maxWatchers = this.#owner.maxWatchersOf(presentity);
    if (presentity.subscriptions.size >= maxWatchers) return reached(presentity.aor, maxWatchers);
    if (decision.status === 'pending' && countPending(presentity) >= limits.maxPendingPerUser) {
      return reached(presentity.aor, limits.maxPendingPerUser);
    }
    return ok(undefined);
  }

  #refresh({ request, subscriber, presentity: user, via }: Subscribe, wish: SubscribeWish): Result<OutgoingMessage> {
    const subscription = this.#table.find(request, wish.event);
    const isTheirs = subscription?.subscriber.aor === subscriber.aor && subscription.presentity === user.aor;
    const nowMs = this.#clock.now();
    if (!subscription || !isTheirs || subscription.expiresAtMs <= nowMs) return err(failure('SUBSCRIPTION_UNKNOWN'));
    const dialog = refreshDialog(subscription.dialog, request, this.#limits);
    if (!dialog.ok) return dialog;
    const presentity = this.#owner.presentityOf(user);
    const decision = decideWatcher(user.aor, this.#owner.rulesOf(presentity), subscriber);
    if (decision.status === 'rejected') {
      this.#end(subscription, 'rejected');
      return err(failure('WATCHER_REJECTED', { user: user.aor, watcher: subscriber.aor }));
    }
    this.#table.refresh(subscription, dialog.value, via, nowMs + wish.expiresSeconds * 1000);
    if (wish.expiresSeconds === 0) this.#end(subscription, 'unsubscribed');
    else if (subscription.state.kind === 'pending' && this.#isUnconfirmed(subscription, nowMs)) {
      this.#end(subscription, 'unconfirmed');
    } else {
      this.#decided(presentity, subscription, decision);
      this.#keep(subscription);
      // the state is told on every refresh, known or not (rfc6665 4.2.1.2)
      this.#queue.enqueue(subscription, true);
    }
    return ok(this.#answer(request, subscription, subscription.isTerminated ? 0 : wish.expiresSeconds));
  }

  #isUnconfirmed(subscription: Subscription, nowMs: number): boolean {
    return nowMs - subscription.sinceMs > this.#limits.maxPendingSeconds * 1000;
  }

  #answer(request: SipRequest, subscription: Subscription, expiresSeconds: number): OutgoingMessage {
    return createResponse(request, 200, {
      toTag: subscription.dialog.localTag,
      headers: [
        ['Expires', String(expiresSeconds)],
        ['Contact', `<${subscription.via.contact(subscription.presentity)}>`],
        ['Allow-Events', supportedEvents],
      ],
    });
  }

  #add(presentity: Presentity, subscription: Subscription): void {
    this.#table.add(subscription);
    if (subscription.state.kind === 'pending') this.#pending++;
    this.#keep(subscription);
    if (subscription.isWatcherInfo) presentity.watcherInfos.add(subscription);
    else {
      presentity.watch(subscription);
      this.#watcherChanged(presentity, subscription, subscription.state.kind === 'pending' ? 'subscribe' : 'approved');
    }
  }

  /** Applies what the rules say about a live subscription: approval, or another sight of the user. */
  #decided(presentity: Presentity, subscription: Subscription, decision: WatcherDecision): void {
    const isApproved = decision.status === 'active' && subscription.apply('approved');
    const looksOther = subscription.looksOffline !== decision.looksOffline;
    subscription.looksOffline = decision.looksOffline;
    if (isApproved) {
      this.#pending--;
      this.#watcherChanged(presentity, subscription, 'approved');
    }
    if (isApproved || looksOther) this.#queue.enqueue(subscription, isApproved);
  }

  /** Ends a subscription, with a last NOTIFY unless there is nobody to get it. */
  #end(
    subscription: Subscription,
    input: Exclude<SubscriptionInput, 'approved'>,
    how: 'notified' | 'silently' = 'notified',
  ): void {
    if (!this.#table.remove(subscription)) {
      if (how === 'silently') this.#queue.forget(subscription);
      return;
    }
    if (subscription.state.kind === 'pending') this.#pending--;
    subscription.apply(input);
    this.#store.write({ kind: 'subscription-removed', id: subscription.id });
    if (how === 'silently') this.#queue.forget(subscription);
    else this.#queue.enqueue(subscription, true);
    const presentity = this.#presentities.get(subscription);
    if (!presentity) return;
    presentity.watcherInfos.delete(subscription);
    if (presentity.unwatch(subscription)) {
      const { state } = subscription;
      this.#watcherChanged(presentity, subscription, state.kind === 'terminated' ? state.reason : 'timeout');
    }
    this.#owner.onEnded(presentity);
  }

  #keep(subscription: Subscription): void {
    if (!subscription.isTerminated) this.#store.write({ kind: 'subscription', row: subscription.row });
  }

  /** Keeps the watcher's row and tells the user's own endpoints (rfc3857 4.7). */
  #watcherChanged(presentity: Presentity, subscription: Subscription, event: WatcherEvent): void {
    const { subscriber } = subscription;
    const { tenant, aor } = presentity;
    const theirs = [...presentity.ofWatcher(subscriber.aor)];
    if (theirs.length === 0) this.#store.write({ kind: 'watcher-removed', aor, watcher: subscriber.aor });
    else {
      const status = theirs.some(other => other.state.kind === 'active') ? 'active' : 'pending';
      const sinceMs = Math.min(...theirs.map(other => other.sinceMs));
      const { kind, displayName = '' } = subscriber;
      this.#store.write({ kind: 'watcher', row: { tenant, aor, watcher: subscriber.aor, kind, displayName, status, sinceMs } });
    }
    for (const watcherInfo of presentity.watcherInfos) {
      watcherInfo.watcherChanges.set(subscription.id, subscription.watcherElement(event, this.#clock.now()));
      this.#queue.enqueue(watcherInfo, false);
    }
  }

  #bodyFor(subscription: Subscription, isForced: boolean): NotifyBody | undefined {
    const { state } = subscription;
    if (state.kind === 'pending') return isForced ? emptyNotifyBody : undefined;
    // who was refused or cut off learns nothing more
    if (state.kind === 'terminated' && state.reason !== 'timeout') return emptyNotifyBody;
    const presentity = this.#presentities.get(subscription);
    if (!presentity) return undefined;
    if (subscription.event.name !== presenceEvent) return this.#watcherInfoFor(subscription, presentity, isForced);
    const body = subscription.looksOffline ? presentity.offlineBody : this.#owner.bodyOf(presentity);
    return isForced || body !== subscription.lastBody ? body : undefined;
  }

  /** All watchers after a SUBSCRIBE, then those that changed (rfc3857 4.6). */
  #watcherInfoFor(subscription: Subscription, presentity: Presentity, isForced: boolean): NotifyBody | undefined {
    const isFull = isForced || subscription.lastBody === undefined;
    if (!isFull && subscription.watcherChanges.size === 0) return undefined;
    const nowMs = this.#clock.now();
    const watchers = isFull
      ? [...presentity.subscriptions].map(other =>
          other.watcherElement(other.state.kind === 'pending' ? 'subscribe' : 'approved', nowMs),
        )
      : [...subscription.watcherChanges.values()];
    subscription.watcherChanges.clear();
    const rendered = renderWatcherInformation({
      version: subscription.watcherInfoVersion++,
      state: isFull ? 'full' : 'partial',
      resource: presentityUri(presentity.aor),
      event: presenceEvent,
      watchers,
    });
    return notifyBody(watcherInfoMediaType, rendered);
  }
}

function countPending(presentity: Presentity): number {
  let count = 0;
  for (const subscription of presentity.subscriptions) if (subscription.state.kind === 'pending') count++;
  return count;
}
