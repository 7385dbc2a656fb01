import type { Clock, Timer } from '../../base/clock.ts';
import { type Aor, domainOfAor } from '../../model/names.ts';
import type { EventLimits } from './event-limits.ts';
import type { NotifyPort } from './notify-port.ts';
import type { Subscription } from './subscription.ts';

/** A way on which NOTIFY requests were lost. */
interface LostWay {
  readonly held: Set<Subscription>;
  /** Sent again without a word since, for the pause before the next one. */
  probes: number;
  timer: Timer | undefined;
}

/** So many probes are quick: five minutes. A way that is dead for longer is no outage. */
const quickProbes = 60;

/** A subscription that failed although its way was alive: it is tried later each time. */
interface OwnPause {
  misses: number;
  /** Let go by a proof of life, and not heard of since. */
  isLetGo: boolean;
  timer: Timer | undefined;
}

/**
 * Subscriptions whose last NOTIFY was lost, by the way to their watchers: the flow, or the Edge and the domain behind it. One of them is sent again
 * every few seconds; when the way proves alive, all the others follow at once. Nothing here waits for minutes, and a way that is dead costs one
 * request every few seconds, however many watch over it.
 */
export class NotifyRetries {
  readonly #clock: Clock;
  readonly #limits: Pick<EventLimits, 'maxProbeSeconds' | 'maxLateProbeSeconds' | 'maxRetrySeconds'>;
  readonly #again: (subscription: Subscription) => void;
  readonly #ways = new Map<NotifyPort, Map<string, LostWay>>();
  readonly #pauses = new Map<Subscription, OwnPause>();
  readonly #asked = new Map<Subscription, Timer>();

  /** `again` sends the newest state of a subscription. */
  constructor(
    clock: Clock,
    limits: Pick<EventLimits, 'maxProbeSeconds' | 'maxLateProbeSeconds' | 'maxRetrySeconds'>,
    again: (subscription: Subscription) => void,
  ) {
    this.#clock = clock;
    this.#limits = limits;
    this.#again = again;
  }

  /** Whether nothing is held: then nobody has to be told what has arrived. */
  get isEmpty(): boolean {
    return this.#ways.size === 0 && this.#pauses.size === 0 && this.#asked.size === 0;
  }

  /** Its NOTIFY was lost. */
  hold(subscription: Subscription): void {
    const pause = this.#pauses.get(subscription);
    if (pause?.isLetGo) {
      // the others got theirs: it is this watcher
      pause.isLetGo = false;
      pause.misses++;
    }
    const ways = this.#waysOf(subscription.via);
    const domain = domainOfAor(subscription.subscriber.aor);
    let way = ways.get(domain);
    if (!way) ways.set(domain, (way = { held: new Set(), probes: 0, timer: undefined }));
    way.held.add(subscription);
    if (way.timer === undefined) this.#schedule(way, subscription.via, domain);
  }

  /** The watcher asks for so much time. */
  holdFor(subscription: Subscription, seconds: number): void {
    this.#asked.get(subscription)?.cancel();
    const timer = this.#clock.after(Math.min(Math.max(1, seconds), this.#limits.maxRetrySeconds) * 1000, () => {
      this.#asked.delete(subscription);
      this.#again(subscription);
    });
    this.#asked.set(subscription, timer);
  }

  /** Somebody on that way has been heard of: what was lost on it is sent again. */
  proved(port: NotifyPort, aor: Aor): void {
    const ways = this.#ways.get(port);
    const domain = domainOfAor(aor);
    const way = ways?.get(domain);
    if (!way) return;
    way.timer?.cancel();
    this.#forgetWay(port, domain);
    for (const subscription of way.held) this.#letGo(subscription);
  }

  /** Its NOTIFY has arrived, or it is no more. */
  forget(subscription: Subscription): void {
    if (this.isEmpty) return;
    this.#asked.get(subscription)?.cancel();
    this.#asked.delete(subscription);
    this.#pauses.get(subscription)?.timer?.cancel();
    this.#pauses.delete(subscription);
    const domain = domainOfAor(subscription.subscriber.aor);
    const way = this.#ways.get(subscription.via)?.get(domain);
    if (!way?.held.delete(subscription) || way.held.size > 0) return;
    way.timer?.cancel();
    this.#forgetWay(subscription.via, domain);
  }

  #letGo(subscription: Subscription): void {
    let pause = this.#pauses.get(subscription);
    if (!pause) this.#pauses.set(subscription, (pause = { misses: 0, isLetGo: true, timer: undefined }));
    pause.isLetGo = true;
    if (pause.misses === 0) return this.#again(subscription);
    const kept = pause;
    kept.timer = this.#clock.after(Math.min(2 ** kept.misses, this.#limits.maxRetrySeconds) * 1000, () => {
      kept.timer = undefined;
      this.#again(subscription);
    });
  }

  #schedule(way: LostWay, port: NotifyPort, domain: string): void {
    const longest = way.probes < quickProbes ? this.#limits.maxProbeSeconds : this.#limits.maxLateProbeSeconds;
    const seconds = Math.min(2 ** way.probes++, longest);
    way.timer = this.#clock.after(seconds * 1000, () => {
      const [probe] = way.held;
      if (probe === undefined) return this.#forgetWay(port, domain);
      way.held.delete(probe);
      this.#schedule(way, port, domain);
      this.#again(probe);
    });
  }

  #waysOf(port: NotifyPort): Map<string, LostWay> {
    let ways = this.#ways.get(port);
    if (!ways) this.#ways.set(port, (ways = new Map()));
    return ways;
  }

  #forgetWay(port: NotifyPort, domain: string): void {
    const ways = this.#ways.get(port);
    ways?.delete(domain);
    if (ways?.size === 0) this.#ways.delete(port);
  }
}
