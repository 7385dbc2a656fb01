import type { Clock } from '../../base/clock.ts';
import type { NotifyBody } from './notifier-dialog.ts';
import type { NotifyAnswer } from './notify-port.ts';
import type { PresenceLimits } from './presence-limits.ts';
import type { Subscription } from './subscription.ts';

/** What the queue asks its owner. */
export interface NotifySource {
  /** Called before the NOTIFY requests of a turn are made. */
  prepareTurn(): void;
  /** The newest state for that watcher; `undefined` where there is nothing that it has not got. */
  bodyFor(subscription: Subscription, isForced: boolean): NotifyBody | undefined;
  /** A CSeq block was begun: the row has to be kept anew. */
  onReserved(subscription: Subscription): void;
  /** The watcher is gone: its NOTIFY failed for good (rfc6665 4.2.2). */
  onNotifyFailed(subscription: Subscription): void;
}

interface Delivery {
  /** A NOTIFY is out, or put off because the watcher asked for it: the next one waits. */
  isHeld: boolean;
  /** Something is to be sent once it is free. */
  isDue: boolean;
  isForced: boolean;
  delays: number;
}

/**
 * Sends NOTIFY requests in turns: never two at once for one subscription, so that states cannot overtake each other, and only the
 * newest state after an answer (D24, D37). What became due within one tick is sent once; documents are taken when sent, so over one
 * flow they leave in the order of their versions.
 */
export class NotifyQueue {
  readonly #clock: Clock;
  readonly #limits: PresenceLimits;
  readonly #source: NotifySource;
  readonly #deliveries = new Map<Subscription, Delivery>();
  readonly #due = new Set<Subscription>();
  #isScheduled = false;
  #outstanding = 0;
  #sent = 0;

  constructor(clock: Clock, limits: PresenceLimits, source: NotifySource) {
    this.#clock = clock;
    this.#limits = limits;
    this.#source = source;
  }

  /** NOTIFY requests without an answer, those put off included. */
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
    if (this.#deliveries.get(subscription)?.isHeld) this.#outstanding--;
    this.#deliveries.delete(subscription);
    this.#due.delete(subscription);
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
    for (const subscription of this.#due) {
      if (left-- === 0) break;
      this.#due.delete(subscription);
      this.#send(subscription, this.#deliveryOf(subscription));
    }
    if (this.#due.size > 0) this.wake();
  }

  #send(subscription: Subscription, delivery: Delivery): void {
    const body = this.#source.bodyFor(subscription, delivery.isForced);
    delivery.isForced = false;
    delivery.isDue = false;
    if (body === undefined) {
      this.#deliveries.delete(subscription);
      return;
    }
    delivery.isHeld = true;
    this.#outstanding++;
    this.#sent++;
    const isLast = subscription.isTerminated;
    const notify = subscription.notify(body, this.#clock.now(), () => this.#source.onReserved(subscription));
    let isAnswered = false;
    subscription.via.send(subscription, notify, answer => {
      // after `forget` the answer concerns nobody
      if (isAnswered || this.#deliveries.get(subscription) !== delivery) return;
      isAnswered = true;
      this.#answered(subscription, delivery, answer, isLast);
    });
  }

  #answered(subscription: Subscription, delivery: Delivery, { status, retryAfterSeconds }: NotifyAnswer, isLast: boolean): void {
    const succeeded = status >= 200 && status < 300;
    if (!succeeded && !isLast && retryAfterSeconds !== undefined && delivery.delays < this.#limits.maxNotifyDelays) {
      // a watcher that cannot be reached for minutes, such as behind a server that starts again, is not given up at once
      const wantedSeconds = Math.max(1, retryAfterSeconds) * 2 ** delivery.delays++;
      const seconds = Math.min(wantedSeconds, this.#limits.maxNotifyDelaySeconds);
      this.#clock.after(seconds * 1000, () => {
        if (this.#deliveries.get(subscription) === delivery) this.#release(subscription, delivery, true);
      });
      return;
    }
    if (succeeded && !isLast) {
      delivery.delays = 0;
      this.#release(subscription, delivery, delivery.isDue);
      return;
    }
    this.forget(subscription);
    if (!succeeded && !isLast) this.#source.onNotifyFailed(subscription);
  }

  #release(subscription: Subscription, delivery: Delivery, isDue: boolean): void {
    delivery.isHeld = false;
    this.#outstanding--;
    // a NOTIFY that was put off has not arrived: the same body is sent again
    if (delivery.delays > 0) delivery.isForced = true;
    if (isDue) this.enqueue(subscription, delivery.isForced);
    else this.#deliveries.delete(subscription);
  }
}
