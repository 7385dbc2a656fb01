import { type Clock, steadyClock, type Timer } from '../../base/clock.ts';
import type { Result } from '../../base/result.ts';
import type { Binding } from '../../model/binding.ts';
import type { Aor, TenantId } from '../../model/names.ts';
import type { User } from '../../model/user.ts';
import type { SipRequest } from '../../sip/message.ts';
import type { OutgoingMessage } from '../../sip/serialise.ts';
import { offlineState, type PresenceState } from './availability.ts';
import { Notifier, type Subscribe } from './notifier.ts';
import type { NotifyPort } from './notify-port.ts';
import { type PresenceLimits, presenceLimits } from './presence-limits.ts';
import type { PresenceStore, Publication } from './presence-rows.ts';
import { Presentity } from './presentity.ts';
import { Publisher } from './publisher.ts';
import { openRules, type WatcherRules } from './watchers.ts';

/** Whom users let watch; read when a watcher comes and after `watcherRulesChanged`. */
export interface WatcherRulesSource {
  /** `undefined`: the user has said nothing. */
  rulesOf(presentity: Aor): WatcherRules | undefined;
  /** How many may watch a user: MaxCategorySubscription of the effective CsPresencePolicy. Absent, or `undefined`: as many as the limits say. */
  maxWatchersOf?(presentity: Aor): number | undefined;
}

/** What the service works with. */
export interface PresenceParts {
  /** The machine's: its date stands in documents, while what was promised for a time lasts that time however the date is corrected. */
  readonly clock: Clock;
  readonly store?: PresenceStore;
  readonly rules?: WatcherRulesSource;
  readonly limits?: PresenceLimits;
}

/** Sizes to be watched, each with a limit. */
export interface PresenceCounts {
  readonly presentities: number;
  readonly publications: number;
  readonly subscriptions: number;
  /** Of them: waiting for the user's word. */
  readonly pending: number;
  /** NOTIFY requests without an answer, and those about to be sent. */
  readonly outstanding: number;
  readonly due: number;
}

const expiryPeriodMs = 1000;

/** Presence of this node's users (rfc3856): what their endpoints publish, and who is told. */
export class PresenceService {
  /** What dates in documents are taken from. */
  readonly #calendar: Clock;
  /** What publications and subscriptions expire by. */
  readonly #clock: Clock;
  readonly #rules: WatcherRulesSource | undefined;
  readonly #publisher: Publisher;
  readonly #notifier: Notifier;
  readonly #presentities = new Map<Aor, Presentity>();
  /** Whose aggregate has to be computed before the next NOTIFY. */
  readonly #changed = new Set<Presentity>();
  readonly #timer: Timer;

  constructor({ clock: calendar, store = { write: () => {} }, rules, limits = presenceLimits }: PresenceParts) {
    // a corrected clock of the machine ends nothing and prolongs nothing
    const clock = steadyClock(calendar);
    this.#calendar = calendar;
    this.#clock = clock;
    this.#rules = rules;
    const presentityOf = (user: Pick<User, 'tenant' | 'aor'>): Presentity => this.#presentityOf(user);
    this.#publisher = new Publisher(clock, limits, store, {
      presentityOf,
      onPublicationsChanged: presentity => {
        presentity.publicationsChanged();
        this.#noteChange(presentity);
      },
    });
    this.#notifier = new Notifier(clock, limits, store, {
      presentityOf,
      rulesOf: presentity => this.#rules?.rulesOf(presentity.aor) ?? openRules,
      maxWatchersOf: presentity => this.#rules?.maxWatchersOf?.(presentity.aor) ?? limits.maxWatchersPerUser,
      bodyOf: presentity => presentity.bodyAt(calendar.now()),
      prepareTurn: () => this.#computeChanged(),
      onEnded: presentity => this.#dropIfEmpty(presentity),
    });
    this.#timer = clock.every(expiryPeriodMs, () => this.expire());
  }

  /**
   * Answers a PUBLISH of an authenticated user (rfc3903 6). `flow` ties the publication to the endpoint registered over it, with
   * which it goes. Fails with PRESENCE_NOT_OWNER, EVENT_NOT_SUPPORTED, ETAG_UNKNOWN, EVENT_EXPIRY_TOO_BRIEF,
   * CONTENT_TYPE_NOT_SUPPORTED, CONTENT_ENCODING_NOT_SUPPORTED, EXTENSION_NOT_SUPPORTED, MESSAGE_MALFORMED, MESSAGE_BODY_TOO_LARGE, BODY_MALFORMED,
   * BODY_XML_REFUSED, PUBLICATION_LIMIT_REACHED, REQUEST_MERGED, SERVER_BUSY, or as `readParty`.
   */
  publish(request: SipRequest, user: User, flow?: string): Result<OutgoingMessage> {
    return this.#publisher.publish(request, user, flow);
  }

  /**
   * Answers a SUBSCRIBE (rfc6665 4.2.1), first or later ones. Its NOTIFY goes through `via` after this returned, so the answer can be
   * sent first. Fails with EVENT_NOT_SUPPORTED, ACCEPT_NOT_SUPPORTED, EVENT_EXPIRY_TOO_BRIEF, EXTENSION_NOT_SUPPORTED,
   * MESSAGE_MALFORMED, PRESENCE_NOT_OWNER, WATCHER_REJECTED, SUBSCRIPTION_UNKNOWN, REQUEST_OUT_OF_ORDER,
   * REQUEST_MERGED, SUBSCRIPTION_LIMIT_REACHED or SERVER_BUSY.
   */
  subscribe(subscribe: Subscribe): Result<OutgoingMessage> {
    return this.#notifier.subscribe(subscribe);
  }

  /** An endpoint has registered or renewed. */
  onBound(binding: Binding): void {
    const presentity = this.#presentityOf(binding);
    presentity.bind(binding);
    this.#publisher.claim(presentity, binding.instance, binding.flow);
    this.#noteChange(presentity);
  }

  /** An endpoint is gone; without any, the user is offline. */
  onUnbound(binding: Binding): void {
    const presentity = this.#presentities.get(binding.aor);
    if (!presentity) return;
    presentity.unbind(binding);
    this.#noteChange(presentity);
  }

  /** A way to watchers is closed: their subscriptions end with it. */
  portClosed(via: NotifyPort): void {
    this.#notifier.portClosed(via);
  }

  /** A user of ours has to sign in anew: what they watch ends (deactivated), and is begun again by whoever knows the password. */
  watcherSignedOut(aor: Aor): void {
    this.#notifier.watcherSignedOut(aor);
  }

  /** The user has changed whom to let watch. */
  watcherRulesChanged(aor: Aor): void {
    const presentity = this.#presentities.get(aor);
    if (presentity) this.#notifier.rulesChanged(presentity);
  }

  /** The user is no more, here: publications go, watchers are told (noresource). */
  userRemoved(user: Pick<User, 'tenant' | 'aor'>): void {
    const presentity = this.#presentityOf(user);
    this.#publisher.removeAll(presentity);
    this.#notifier.userRemoved(presentity);
    this.#dropIfEmpty(presentity);
  }

  /** What watchers who may see it see of a user at this moment. */
  stateOf(aor: Aor): PresenceState {
    const presentity = this.#presentities.get(aor);
    if (!presentity) return offlineState;
    // the watchers are told of it in their turn
    if (presentity.update(this.#calendar.now())) this.#notifier.stateChanged(presentity);
    return presentity.state;
  }

  /** Takes over publications that were kept, before the first request. */
  restore(publications: readonly Publication[]): void {
    this.#publisher.restore(publications);
  }

  /** Ends what has expired; runs by itself every second. */
  expire(): void {
    const now = this.#clock.now();
    this.#publisher.expire(now);
    this.#notifier.expire(now);
  }

  /** Sends all watchers to another server, before this one stops (rfc6665 4.1.3 `deactivated`). */
  deactivate(): void {
    this.#notifier.deactivate();
  }

  /** Stops the clockwork. */
  close(): void {
    this.#timer.cancel();
  }

  get counts(): PresenceCounts {
    return { presentities: this.#presentities.size, publications: this.#publisher.count, ...this.#notifier.counts };
  }

  /** NOTIFY requests sent since the start. */
  get notificationsSent(): number {
    return this.#notifier.sent;
  }

  #presentityOf({ tenant, aor }: { readonly tenant: TenantId; readonly aor: Aor }): Presentity {
    let presentity = this.#presentities.get(aor);
    if (!presentity) this.#presentities.set(aor, (presentity = new Presentity(tenant, aor)));
    return presentity;
  }

  #noteChange(presentity: Presentity): void {
    if (presentity.isEmpty) this.#dropIfEmpty(presentity);
    else if (presentity.subscriptions.size > 0) {
      // several changes of one tick, such as an endpoint that comes back over a new flow, are one or none for the watchers
      this.#changed.add(presentity);
      this.#notifier.wake();
    }
  }

  #computeChanged(): void {
    const now = this.#calendar.now();
    for (const presentity of this.#changed) if (presentity.update(now)) this.#notifier.stateChanged(presentity);
    this.#changed.clear();
  }

  #dropIfEmpty(presentity: Presentity): void {
    if (!presentity.isEmpty) return;
    this.#changed.delete(presentity);
    if (this.#presentities.get(presentity.aor) === presentity) this.#presentities.delete(presentity.aor);
  }
}
