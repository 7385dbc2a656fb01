import { type Clock, steadyClock, type Timer } from '../../base/clock.ts';
import type { Result } from '../../base/result.ts';
import type { Binding } from '../../model/binding.ts';
import type { Aor } from '../../model/names.ts';
import type { User } from '../../model/user.ts';
import type { SipRequest } from '../../sip/message.ts';
import type { OutgoingMessage } from '../../sip/serialise.ts';
import { type EventLimits, eventLimits } from '../events/event-limits.ts';
import type { Notifier } from '../events/notifier.ts';
import type { WatchedUser } from '../events/watched-user.ts';
import { AwaitedUsers } from './awaited-users.ts';
import { type PresenceLimits, presenceLimits } from './presence-limits.ts';
import { PresencePackage } from './presence-package.ts';
import { Presentities } from './presentities.ts';
import type { Presentity } from './presentity.ts';
import { Publisher } from './publisher.ts';
import { WatcherInfoPackage } from './watcher-info-package.ts';
import { openRules, type WatcherRules } from './watchers.ts';

/** Whom users let watch; read when a watcher comes and after `watcherRulesChanged`. */
export interface WatcherRulesSource {
  /** `undefined`: the user has said nothing. */
  rulesOf(presentity: Aor): WatcherRules | undefined;
  /** How many may watch a user: MaxCategorySubscription of the effective CsPresencePolicy. Absent, or `undefined`: as many as the limits say. */
  maxWatchersOf?(presentity: Aor): number | undefined;
}

/** What the service works with. */
export interface PresenceServiceParts {
  /** The machine's: its date stands in documents, while what was promised for a time lasts that time however the date is corrected. */
  readonly clock: Clock;
  /** Tells the watchers; the packages of presence are served by it from now on. */
  readonly events: Notifier;
  readonly rules?: WatcherRulesSource;
  readonly limits?: PresenceLimits;
  /** How long a publication lives. */
  readonly expiry?: EventLimits;
  /** Users who were signed in when the server stopped: for a while nobody is told that they are not there. */
  readonly awaited?: ReadonlySet<Aor>;
}

/** Sizes to be watched, each with a limit. */
export interface PresenceCounts {
  readonly presentities: number;
  readonly publications: number;
}

const expiryPeriodMs = 1000;

/** Presence of this node's users (rfc3856): what their endpoints publish, and who is told. */
export class PresenceService {
  readonly #events: Notifier;
  readonly #presentities = new Presentities();
  readonly #package: PresencePackage;
  readonly #publisher: Publisher;
  readonly #awaited: AwaitedUsers;
  readonly #timer: Timer;

  constructor(parts: PresenceServiceParts) {
    const { clock: calendar, events, rules, limits = presenceLimits, expiry = eventLimits, awaited } = parts;
    // a corrected clock of the machine ends nothing and prolongs nothing
    const clock = steadyClock(calendar);
    this.#events = events;
    this.#awaited = new AwaitedUsers(clock, awaited ?? new Set(), aor => this.#settled(aor));
    this.#package = new PresencePackage({
      notifier: events,
      presentities: this.#presentities,
      limits,
      isAwaited: (aor, looksOffline) => this.#awaited.has(aor, looksOffline),
      rulesOf: aor => rules?.rulesOf(aor) ?? openRules,
      maxWatchersOf: aor => rules?.maxWatchersOf?.(aor) ?? limits.maxWatchersPerUser,
      nowMs: () => clock.now(),
      dateMs: () => calendar.now(),
    });
    events.serve(this.#package);
    events.serve(new WatcherInfoPackage(this.#presentities, limits, () => clock.now()));
    this.#publisher = new Publisher(
      clock,
      { ...expiry, ...limits },
      {
        presentityOf: user => this.#presentities.of(user),
        onPublicationsChanged: presentity => {
          presentity.publicationsChanged();
          this.#noteChange(presentity);
        },
      },
    );
    this.#timer = clock.every(expiryPeriodMs, () => this.#publisher.expire(clock.now()));
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

  /** An endpoint has registered or renewed. */
  onBound(binding: Binding): void {
    const presentity = this.#presentities.of(binding);
    presentity.bind(binding);
    this.#awaited.came(binding.aor);
    this.#publisher.claim(presentity, binding.instance, binding.flow);
    this.#noteChange(presentity);
  }

  /** An endpoint is gone; without any, the user is offline. */
  onUnbound(binding: Binding): void {
    const presentity = this.#presentities.find(binding.aor);
    if (!presentity) return;
    presentity.unbind(binding);
    this.#noteChange(presentity);
  }

  /** The user has changed whom to let watch. */
  watcherRulesChanged(aor: Aor): void {
    const presentity = this.#presentities.find(aor);
    if (presentity) this.#package.rulesChanged(presentity);
  }

  /** The user is no more, here: publications go, watchers are told (noresource), and what the user watches ends. */
  userRemoved(user: WatchedUser): void {
    const presentity = this.#presentities.of(user);
    this.#publisher.removeAll(presentity);
    for (const watch of [...presentity.watches, ...presentity.watcherInfos]) this.#events.endWatch(watch, 'presentity-removed');
    this.#events.watcherRemoved(user.aor);
    this.#presentities.dropIfEmpty(presentity);
  }

  /** Stops the clockwork. */
  close(): void {
    this.#timer.cancel();
    this.#awaited.close();
  }

  get counts(): PresenceCounts {
    return { presentities: this.#presentities.count, publications: this.#publisher.count };
  }

  #noteChange(presentity: Presentity): void {
    if (presentity.isEmpty) this.#presentities.dropIfEmpty(presentity);
    else if (presentity.watches.size > 0) {
      this.#package.noteChange(presentity);
      this.#events.wake();
    }
  }

  /** It is known now how that user is: who was told nothing gets it. */
  #settled(aor: Aor): void {
    for (const watch of this.#presentities.find(aor)?.watches ?? []) this.#events.changed(watch);
  }
}
