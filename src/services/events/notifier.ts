import { type Clock, steadyClock, type Timer } from '../../base/clock.ts';
import { detach } from '../../base/detach.ts';
import { failure } from '../../base/failure.ts';
import { shortToken } from '../../base/random.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Aor } from '../../model/names.ts';
import { MergedRequests } from '../../routing/merged-requests.ts';
import type { SipRequest } from '../../sip/message.ts';
import type { OutgoingMessage } from '../../sip/serialise.ts';
import { type EventLimits, eventLimits } from './event-limits.ts';
import type { EventPackage } from './event-package.ts';
import { type NotifyBody, openDialog, refreshDialog } from './notifier-dialog.ts';
import { listBody, watchBody } from './notify-body.ts';
import type { NotifyPort } from './notify-port.ts';
import { NotifyQueue } from './notify-queue.ts';
import type { ResourceList } from './resource-list.ts';
import { subscribeAnswer } from './subscribe-answer.ts';
import { readSubscribe, type SubscribeWish } from './subscribe-request.ts';
import type { Subscriber } from './subscriber.ts';
import { type Permission, Subscription, Watch } from './subscription.ts';
import { SubscriptionShares } from './subscription-shares.ts';
import { nextSubscriptionState, type SubscriptionInput } from './subscription-state.ts';
import { SubscriptionTable } from './subscription-table.ts';
import type { WatchedUser } from './watched-user.ts';

/** A SUBSCRIBE whose sender is known: who it is, whom it is about, which way its NOTIFY requests go. */
export interface Subscribe {
  readonly request: SipRequest;
  readonly subscriber: Subscriber;
  readonly user: WatchedUser;
  readonly via: NotifyPort;
  /** The resources where they are many. */
  readonly list?: ResourceList;
  /** The watcher takes BENOTIFY, which nobody answers. */
  readonly isBestEffort?: boolean;
  /** The watcher takes the first state with the answer, instead of a NOTIFY. */
  readonly takesPiggyback?: boolean;
}

const expiryPeriodMs = 1000;

type EndInput = Exclude<SubscriptionInput, 'approved'>;

/** The notifier of rfc6665 4.2 for any event package: answers SUBSCRIBE and keeps every watcher informed until its subscription ends. */
export class Notifier {
  readonly #clock: Clock;
  readonly #limits: EventLimits;
  readonly #packages = new Map<string, EventPackage>();
  readonly #allowEvents: Record<EventPackage['audience'], string> = { owner: '', everybody: '' };
  readonly #table: SubscriptionTable;
  readonly #queue: NotifyQueue;
  readonly #shares: SubscriptionShares;
  readonly #merged: MergedRequests;
  readonly #timer: Timer;
  #isStopping = false;
  #pending = 0;

  constructor(calendar: Clock, limits: EventLimits = eventLimits) {
    // a corrected clock of the machine ends nothing and prolongs nothing
    const clock = steadyClock(calendar);
    this.#clock = clock;
    this.#limits = limits;
    this.#table = new SubscriptionTable(clock.now());
    this.#shares = new SubscriptionShares(limits);
    this.#merged = new MergedRequests(clock);
    this.#queue = new NotifyQueue(clock, limits, {
      prepareTurn: () => this.#prepareTurn(),
      bodyFor: (subscription, isForced) => this.#bodyFor(subscription, isForced),
      onWatcherGone: subscription => this.#end(subscription, 'unsubscribed', 'silently'),
      onDone: subscription => this.#giveBack(subscription),
    });
    this.#timer = clock.every(expiryPeriodMs, () => this.#expire(clock.now()));
  }

  /** Serves a package from now on. */
  serve(eventPackage: EventPackage): void {
    this.#packages.set(eventPackage.name, eventPackage);
    const all = [...this.#packages.values()];
    this.#allowEvents.owner = namesOf(all);
    this.#allowEvents.everybody = namesOf(all.filter(({ audience }) => audience === 'everybody'));
  }

  /** What can be subscribed to, for Allow-Events: by users here, or by anybody. */
  allowEvents(audience: EventPackage['audience']): string {
    return this.#allowEvents[audience];
  }

  /** Live subscriptions, those of them that wait for the user's word, NOTIFY requests without an answer or waiting to go, places taken. */
  get counts(): {
    readonly subscriptions: number;
    readonly pending: number;
    readonly outstanding: number;
    readonly due: number;
    readonly places: number;
  } {
    const { outstanding, due } = this.#queue;
    return { subscriptions: this.#table.count, pending: this.#pending, outstanding, due, places: this.#shares.counts.places };
  }

  /** NOTIFY requests sent since the start. */
  get sent(): number {
    return this.#queue.sent;
  }

  /**
   * Answers a SUBSCRIBE (rfc6665 4.2.1), first or later ones. Its NOTIFY goes through `via` after this returned, so the answer can be sent first. Fails
   * with EVENT_NOT_SUPPORTED, ACCEPT_NOT_SUPPORTED, EVENT_EXPIRY_TOO_BRIEF, EXTENSION_NOT_SUPPORTED, MESSAGE_MALFORMED, PRESENCE_NOT_OWNER,
   * WATCHER_REJECTED, SUBSCRIPTION_UNKNOWN, REQUEST_OUT_OF_ORDER, REQUEST_MERGED, SUBSCRIPTION_LIMIT_REACHED, SERVER_BUSY or SERVER_STOPPING.
   */
  subscribe(subscribe: Subscribe): Result<OutgoingMessage> {
    const { request, list, subscriber } = subscribe;
    if (this.#isStopping) return err(failure('SERVER_STOPPING'));
    const merged = this.#merged.check(request);
    if (merged) return err(merged);
    const wish = readSubscribe(request, this.#packages, this.#limits, this.#allowedFor(subscriber), list?.mediaType);
    if (!wish.ok) return wish;
    return request.toTag === undefined ? this.#begin(subscribe, wish.value) : this.#refresh(subscribe, wish.value);
  }

  /** Has the packages asked soon what has changed. */
  wake(): void {
    this.#queue.wake();
  }

  /** A watch has something new to tell. */
  changed(watch: Watch): void {
    if (watch.state.kind !== 'active') return;
    const { subscription } = watch;
    subscription.changed?.add(watch);
    this.#queue.enqueue(subscription, false);
  }

  /** The user has said something else about a watcher: approval, rejection (`undefined`), or another sight. */
  decided(watch: Watch, permission: Permission | undefined): void {
    if (permission === undefined) return this.endWatch(watch, 'rejected');
    const wasPending = watch.state.kind === 'pending';
    if (permission.status === 'active') watch.state = nextSubscriptionState(watch.state, 'approved');
    const isApproved = wasPending && watch.state.kind === 'active';
    const looksOther = watch.looksOffline !== permission.looksOffline;
    watch.looksOffline = permission.looksOffline;
    if (isApproved) {
      this.#pending--;
      this.#packageOf(watch.subscription).approved(watch);
    }
    if (!isApproved && !looksOther) return;
    watch.subscription.changed?.add(watch);
    this.#queue.enqueue(watch.subscription, isApproved && watch.subscription.list === undefined);
  }

  /** A watch ends: the whole subscription, unless it has others. */
  endWatch(watch: Watch, input: EndInput): void {
    const { subscription } = watch;
    const isLast = subscription.watches.every(other => other === watch || other.state.kind === 'terminated');
    if (isLast) return this.#end(subscription, input);
    if (watch.state.kind === 'terminated') return;
    if (watch.state.kind === 'pending') this.#pending--;
    watch.state = nextSubscriptionState(watch.state, input);
    subscription.changed?.add(watch);
    this.#packageOf(subscription).ended(watch);
    this.#queue.enqueue(subscription, false);
  }

  /** Ends what went over a closed connection; nobody can be told. */
  portClosed(via: NotifyPort): void {
    this.#queue.portClosed(via);
    for (const subscription of this.#table.ofPort(via)) this.#end(subscription, 'unsubscribed', 'silently');
  }

  /** Ends what a user watches who has to sign in anew: other users of the same connection keep theirs. */
  watcherSignedOut(watcher: Aor): void {
    for (const subscription of this.#table.ofWatcher(watcher)) this.#end(subscription, 'moved');
  }

  /** Ends what a user watches who is no more. */
  watcherRemoved(watcher: Aor): void {
    for (const subscription of this.#table.ofWatcher(watcher)) this.#end(subscription, 'presentity-removed');
  }

  /** Ends all of them so that the watchers subscribe again, elsewhere or here after a restart (rfc6665 4.1.3 `deactivated`); takes no more. */
  deactivate(): void {
    this.#isStopping = true;
    for (const subscription of this.#table.all) this.#end(subscription, 'moved');
  }

  /** Stops the clockwork. */
  close(): void {
    this.#timer.cancel();
  }

  #expire(nowMs: number): void {
    for (const subscription of this.#table.sweep(nowMs)) this.#end(subscription, 'expired');
  }

  #begin(subscribe: Subscribe, wish: SubscribeWish): Result<OutgoingMessage> {
    const { request, subscriber, user, via, list } = subscribe;
    const isFetch = wish.expiresSeconds === 0;
    const refused = this.#shares.refusal(subscriber);
    if (refused) return err(refused);
    if (list && list.users.length > this.#limits.maxResources) {
      return err(failure('SUBSCRIPTION_LIMIT_REACHED', { user: subscriber.aor, limit: this.#limits.maxResources }));
    }
    const dialog = openDialog(request, user.aor, shortToken(), this.#limits);
    if (!dialog.ok) return dialog;
    const nowMs = this.#clock.now();
    const { displayName } = subscriber;
    const subscription = new Subscription({
      id: shortToken() + shortToken(),
      user: { tenant: user.tenant, aor: user.aor },
      subscriber: { ...subscriber, ...(displayName === undefined ? {} : { displayName: detach(displayName) }) },
      event: wish.event,
      dialog: dialog.value,
      via,
      list,
      isBestEffort: subscribe.isBestEffort ?? false,
      nowMs,
      expiresAtMs: nowMs + wish.expiresSeconds * 1000,
    });
    const watched = this.#watch(subscription, wish.package, isFetch);
    if (!watched.ok) return watched;
    this.#queue.heardFrom(subscription);
    this.#shares.take(subscription.subscriber);
    subscription.hasPlace = true;
    if (isFetch) subscription.end('unsubscribed');
    else this.#add(subscription, wish.package);
    const answer = this.#answerFirst(subscribe, subscription, wish.expiresSeconds);
    // a fetch is over when it is answered (rfc6665 4.4.3): a NOTIFY goes out, nothing is kept
    if (isFetch) for (const watch of subscription.watches) wish.package.ended(watch);
    return ok(answer);
  }

  /** Makes the watches of a subscription; of a list those that are permitted. */
  #watch(subscription: Subscription, eventPackage: EventPackage, isFetch: boolean): Result<void> {
    const { user: owner, subscriber, list } = subscription;
    for (const user of list?.users ?? [owner]) {
      const permission = eventPackage.authorise(user, subscriber);
      const resource = permission.ok ? eventPackage.admit(user, subscriber, permission.value, isFetch) : permission;
      if (permission.ok && resource.ok)
        subscription.watches.push(new Watch(subscription, user, resource.value, permission.value));
      else if (!resource.ok && list === undefined) return resource;
      else subscription.refused?.push(user);
    }
    return ok(undefined);
  }

  /** The 200 to the first SUBSCRIBE, with the state where the watcher takes it so; otherwise a NOTIFY follows. */
  #answerFirst({ request, takesPiggyback }: Subscribe, subscription: Subscription, expiresSeconds: number): OutgoingMessage {
    if (!takesPiggyback) {
      this.#queue.enqueue(subscription, true);
      return this.#answer(request, subscription, expiresSeconds);
    }
    this.#prepareTurn();
    const body = this.#bodyFor(subscription, true);
    const answer = this.#answer(request, subscription, expiresSeconds, body && { body, cseq: subscription.piggyback() });
    if (subscription.isTerminated) this.#giveBack(subscription);
    return answer;
  }

  #answer(
    request: SipRequest,
    subscription: Subscription,
    expiresSeconds: number,
    first?: Parameters<typeof subscribeAnswer>[2]['first'],
  ): OutgoingMessage {
    const allowEvents = this.#allowedFor(subscription.subscriber);
    return subscribeAnswer(request, subscription, { expiresSeconds, allowEvents, nowMs: this.#clock.now(), first });
  }

  #refresh({ request, subscriber, user, via }: Subscribe, wish: SubscribeWish): Result<OutgoingMessage> {
    const subscription = this.#table.find(request, wish.event);
    const isTheirs = subscription?.subscriber.aor === subscriber.aor && subscription.user.aor === user.aor;
    const nowMs = this.#clock.now();
    if (!subscription || !isTheirs || subscription.expiresAtMs <= nowMs) return err(failure('SUBSCRIPTION_UNKNOWN'));
    const dialog = refreshDialog(subscription.dialog, request, this.#limits);
    if (!dialog.ok) return dialog;
    // before it goes another way
    this.#queue.heardFrom(subscription);
    for (const watch of [...subscription.watches]) {
      if (watch.state.kind === 'terminated') continue;
      const permission = wish.package.authorise(watch.user, subscriber);
      if (!permission.ok && subscription.list === undefined) {
        this.endWatch(watch, 'rejected');
        return permission;
      }
      this.decided(watch, permission.ok ? permission.value : undefined);
    }
    if (subscription.isTerminated) return err(failure('SUBSCRIPTION_UNKNOWN'));
    this.#table.refresh(subscription, dialog.value, via, nowMs + wish.expiresSeconds * 1000);
    if (wish.expiresSeconds === 0) this.#end(subscription, 'unsubscribed');
    else if (subscription.state.kind === 'pending' && nowMs - subscription.sinceMs > this.#limits.maxPendingSeconds * 1000) {
      this.#end(subscription, 'unconfirmed');
    } else {
      // the state is told on every refresh, known or not (rfc6665 4.2.1.2)
      this.#queue.enqueue(subscription, true);
    }
    return ok(this.#answer(request, subscription, subscription.isTerminated ? 0 : wish.expiresSeconds));
  }

  #add(subscription: Subscription, eventPackage: EventPackage): void {
    this.#table.add(subscription);
    for (const watch of subscription.watches) {
      if (watch.state.kind === 'pending') this.#pending++;
      eventPackage.began(watch);
    }
  }

  /** Ends a subscription, with a last NOTIFY unless there is nobody to get it. */
  #end(subscription: Subscription, input: EndInput, how: 'notified' | 'silently' = 'notified'): void {
    if (!this.#table.remove(subscription)) {
      if (how === 'silently') this.#queue.forget(subscription);
      return;
    }
    const live = subscription.watches.filter(({ state }) => state.kind !== 'terminated');
    for (const { state } of live) if (state.kind === 'pending') this.#pending--;
    subscription.end(input);
    if (how === 'silently') this.#queue.forget(subscription);
    else this.#queue.enqueue(subscription, true);
    for (const watch of live) this.#packageOf(subscription).ended(watch);
  }

  #allowedFor({ kind }: Subscriber): string {
    return this.allowEvents(kind === 'inside' ? 'owner' : 'everybody');
  }

  #giveBack(subscription: Subscription): void {
    if (!subscription.hasPlace) return;
    subscription.hasPlace = false;
    this.#shares.give(subscription.subscriber);
  }

  #prepareTurn(): void {
    for (const eventPackage of this.#packages.values()) eventPackage.prepareTurn?.();
  }

  #packageOf({ event }: Subscription): EventPackage {
    return this.#packages.get(event.name) as EventPackage;
  }

  #bodyFor(subscription: Subscription, isForced: boolean): NotifyBody | undefined {
    const eventPackage = this.#packageOf(subscription);
    return subscription.list === undefined
      ? watchBody(eventPackage, subscription.watches[0] as Watch, isForced)
      : listBody(eventPackage, subscription, subscription.list, isForced);
  }
}

function namesOf(packages: readonly EventPackage[]): string {
  return packages.map(({ name }) => name).join(', ');
}
