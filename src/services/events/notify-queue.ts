import type { Clock } from '../../base/clock.ts';
import type { EventLimits } from './event-limits.ts';
import type { NotifyBody } from './notifier-dialog.ts';
import { outcomeOf } from './notify-outcome.ts';
import type { NotifyAnswer, NotifyPort } from './notify-port.ts';
import { NotifyRetries } from './notify-retries.ts';
import type { Subscription } from './subscription.ts';

/** What the queue asks its owner. */
export interface NotifySource {
  /** Called before the NOTIFY requests of a turn are made. */
  prepareTurn(): void;
  /** The newest state for that watcher; `undefined` where there is nothing that it has not got. */
  bodyFor(subscription: Subscription, isForced: boolean): NotifyBody | undefined;
  /** The watcher is gone: it has said so (rfc6665 4.2.2). */
  onWatcherGone(subscription: Subscription): void;
  /** Nothing more will be sent to a subscription that has ended. */
  onDone(subscription: Subscription): void;
}

interface Delivery {
  /** A NOTIFY is out, or was lost and waits to be sent again: the next one waits. */
  isHeld: boolean;
  /** Something is to be sent once it is free. */
  isDue: boolean;
  isForced: boolean;
  /** How often the watcher has asked for time since it last got something. */
  delays: number;
}

/**
 * Sends NOTIFY requests in turns: never two at once for one subscription, so that states cannot overtake each other, and only the
 * newest state after an answer (D24, D37). What became due within one tick is sent once; documents are taken when sent, so over one
 * flow they leave in the order of their versions. What was lost is sent again, paced, as long as the subscription lives.
 */
export class NotifyQueue {
  readonly #clock: Clock;
  readonly #limits: EventLimits;
  readonly #source: NotifySource;
  readonly #retries: NotifyRetries;
  readonly #deliveries = new Map<Subscription, Delivery>();
  readonly #due = new Set<Subscription>();
  readonly #closed = new WeakSet<NotifyPort>();
  #isScheduled = false;
  #outstanding = 0;
  #sent = 0;

  constructor(clock: Clock, limits: EventLimits, source: NotifySource) {
    this.#clock = clock;
    this.#limits = limits;
    this.#source = source;
    this.#retries = new NotifyRetries(clock, limits, subscription => this.#again(subscription));
  }

  /** NOTIFY requests without an answer, those that wait to be sent again included. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** NOTIFY requests sent since the start. */
  get sent(): number {
    return this.#sent;
  }

  /** Subscriptions that have their turn next. */
  get due(): number {
    return this.#due.size;
  }

  /** Has a turn begin soon, which asks its source what to do. */
  wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.after(0, () => this.#turn());
  }

  /** Sends the newest state of the subscription soon; `isForced`: also if the watcher has got the same before. */
  enqueue(subscription: Subscription, isForced: boolean): void {
    const delivery = this.#deliveryOf(subscription);
    delivery.isForced ||= isForced;
    if (delivery.isHeld) {
      delivery.isDue = true;
      return;
    }
    this.#due.add(subscription);
    this.wake();
  }

  /** Forgets a subscription: nothing more is sent. */
  forget(subscription: Subscription): void {
    this.#retries.forget(subscription);
    const delivery = this.#deliveries.get(subscription);
    if (delivery?.isHeld) this.#outstanding--;
    this.#deliveries.delete(subscription);
    this.#due.delete(subscription);
    if (subscription.isTerminated) this.#source.onDone(subscription);
  }

  /** Something has come from the watcher's side: what was lost on its way, its own included, is sent again at once. */
  heardFrom(subscription: Subscription): void {
    if (this.#retries.isEmpty) return;
    this.#retries.proved(subscription.via, subscription.subscriber.aor);
  }

  /** The way is closed: what was lost on it has nowhere to go. */
  portClosed(port: NotifyPort): void {
    this.#closed.add(port);
  }

  #deliveryOf(subscription: Subscription): Delivery {
    let delivery = this.#deliveries.get(subscription);
    if (!delivery) this.#deliveries.set(subscription, (delivery = { isHeld: false, isDue: false, isForced: false, delays: 0 }));
    return delivery;
  }

  #turn(): void {
    this.#isScheduled = false;
    this.#source.prepareTurn();
    let left = this.#limits.maxNotifiesPerTurn;
    try {
      for (const subscription of this.#due) {
        if (left-- === 0) break;
        this.#due.delete(subscription);
        this.#send(subscription, this.#deliveryOf(subscription));
      }
    } finally {
      // a fault ends what was made for one watcher: the others do not wait for the next change
      if (this.#due.size > 0) this.wake();
    }
  }

  #send(subscription: Subscription, delivery: Delivery): void {
    const body = this.#source.bodyFor(subscription, delivery.isForced);
    delivery.isForced = false;
    delivery.isDue = false;
    if (body === undefined) {
      if (subscription.isTerminated) this.forget(subscription);
      else this.#deliveries.delete(subscription);
      return;
    }
    delivery.isHeld = true;
    this.#outstanding++;
    this.#sent++;
    const isLast = subscription.isTerminated;
    const notify = subscription.notify(body, this.#clock.now());
    let isAnswered = false;
    subscription.via.send(subscription, notify, answer => {
      // after `forget` the answer concerns nobody
      if (isAnswered || this.#deliveries.get(subscription) !== delivery) return;
      isAnswered = true;
      this.#answered(subscription, delivery, answer, isLast);
    });
  }

  #answered(subscription: Subscription, delivery: Delivery, answer: NotifyAnswer, isLast: boolean): void {
    const { status, retryAfterSeconds } = answer;
    const outcome = outcomeOf(status);
    if (outcome === 'lost') return this.#lost(subscription, delivery, retryAfterSeconds);
    if (!this.#retries.isEmpty) {
      this.#retries.forget(subscription);
      this.#retries.proved(subscription.via, subscription.subscriber.aor);
    }
    if (outcome === 'arrived' && !isLast) {
      delivery.delays = 0;
      this.#release(subscription, delivery, delivery.isDue);
      return;
    }
    this.forget(subscription);
    if (!isLast && !subscription.isTerminated) this.#source.onWatcherGone(subscription);
  }

  #lost(subscription: Subscription, delivery: Delivery, retryAfterSeconds: number | undefined): void {
    if (this.#isPointless(subscription)) return this.forget(subscription);
    // the same is sent again, and what was forced before as well
    delivery.isForced = true;
    if (retryAfterSeconds === undefined) this.#retries.hold(subscription);
    else this.#retries.holdFor(subscription, Math.max(1, retryAfterSeconds) * 2 ** Math.min(delivery.delays++, 6));
  }

  /** Of what has ended, only an end that its watcher does not know of is told again, and only while it would have lived. */
  #isPointless(subscription: Subscription): boolean {
    if (this.#closed.has(subscription.via)) return true;
    const { state } = subscription;
    if (state.kind !== 'terminated') return false;
    return state.reason === 'timeout' || subscription.expiresAtMs <= this.#clock.now();
  }

  #again(subscription: Subscription): void {
    const delivery = this.#deliveries.get(subscription);
    if (!delivery?.isHeld) return;
    if (this.#isPointless(subscription)) return this.forget(subscription);
    this.#release(subscription, delivery, true);
  }

  #release(subscription: Subscription, delivery: Delivery, isDue: boolean): void {
    delivery.isHeld = false;
    this.#outstanding--;
    if (isDue) this.enqueue(subscription, delivery.isForced);
    else this.#deliveries.delete(subscription);
  }
}
