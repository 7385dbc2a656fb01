import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { pidfMediaType } from '../../body/pidf.ts';
import type { Aor } from '../../model/names.ts';
import type { EventPackage, WatchEvent } from '../events/event-package.ts';
import type { Notifier } from '../events/notifier.ts';
import { emptyNotifyBody, type NotifyBody } from '../events/notifier-dialog.ts';
import type { Subscriber } from '../events/subscriber.ts';
import type { Permission, Watch } from '../events/subscription.ts';
import type { WatchedUser } from '../events/watched-user.ts';
import { presenceEvent } from './events.ts';
import type { PresenceLimits } from './presence-limits.ts';
import type { Presentities } from './presentities.ts';
import type { Presentity } from './presentity.ts';
import { watcherElement } from './watcher-info-package.ts';
import { refuseWatcher } from './watcher-places.ts';
import { decideWatcher, type WatcherRules } from './watchers.ts';

const nobody: ReadonlySet<Watch> = new Set();

/** What the package works with. */
export interface PresencePackageParts {
  readonly notifier: Pick<Notifier, 'changed' | 'decided'>;
  readonly presentities: Presentities;
  readonly limits: PresenceLimits;
  /** Whether it is not known yet how that user is, after a restart; to those who are not to see the truth nor when it is known. */
  isAwaited(aor: Aor, looksOffline: boolean): boolean;
  rulesOf(presentity: Aor): WatcherRules;
  /** Places for watchers of that user. */
  maxWatchersOf(presentity: Aor): number;
  /** The steady time, and the date that is told. */
  nowMs(): number;
  dateMs(): number;
}

/** Presence (rfc3856): the aggregate of a user's endpoints, rendered once per change for all who may see it. */
export class PresencePackage implements EventPackage<Presentity> {
  readonly name = presenceEvent;
  readonly audience = 'everybody';
  readonly accepts = pidfMediaType;
  readonly #parts: PresencePackageParts;
  /** Whose aggregate has to be computed before the next NOTIFY. */
  readonly #changed = new Set<Presentity>();

  constructor(parts: PresencePackageParts) {
    this.#parts = parts;
  }

  authorise({ aor }: WatchedUser, subscriber: Subscriber): Result<Permission> {
    const { status, looksOffline } = decideWatcher(aor, this.#parts.rulesOf(aor), subscriber);
    if (status === 'rejected') return err(failure('WATCHER_REJECTED', { user: aor, watcher: subscriber.aor }));
    return ok({ status, looksOffline });
  }

  admit(user: WatchedUser, subscriber: Subscriber, permission: Permission, isFetch: boolean): Result<Presentity> {
    const { presentities, limits } = this.#parts;
    const known = presentities.find(user.aor);
    const places = () => ({ ...limits, maxWatchersPerUser: this.#parts.maxWatchersOf(user.aor) });
    const watched = { aor: user.aor, watches: known?.watches ?? nobody };
    const refused = isFetch ? undefined : refuseWatcher(watched, subscriber, permission, places());
    return refused ? err(refused) : ok(known ?? presentities.of(user));
  }

  began(watch: Watch<Presentity>): void {
    watch.resource.watches.add(watch);
    this.#tellOwner(watch, watch.state.kind === 'pending' ? 'subscribe' : 'approved');
  }

  approved(watch: Watch<Presentity>): void {
    this.#tellOwner(watch, 'approved');
  }

  ended(watch: Watch<Presentity>): void {
    const presentity = watch.resource;
    if (presentity.watches.delete(watch)) {
      const { state } = watch;
      this.#tellOwner(watch, state.kind === 'terminated' ? state.reason : 'timeout');
    }
    if (presentity.isEmpty) this.#changed.delete(presentity);
    this.#parts.presentities.dropIfEmpty(presentity);
  }

  bodyFor(watch: Watch<Presentity>, isForced: boolean): NotifyBody | undefined {
    const { resource, looksOffline } = watch;
    // what nobody can know yet is not said to be closed: the NOTIFY says that the subscription lives
    if (this.#parts.isAwaited(resource.aor, looksOffline)) return isForced ? emptyNotifyBody : undefined;
    const body = looksOffline ? resource.offlineBody : resource.bodyAt(this.#parts.dateMs());
    return isForced || body !== watch.lastBody ? body : undefined;
  }

  /** Several changes of one tick, such as an endpoint that comes back over a new flow, are one or none for the watchers. */
  noteChange(presentity: Presentity): void {
    this.#changed.add(presentity);
  }

  prepareTurn(): void {
    if (this.#changed.size === 0) return;
    const now = this.#parts.dateMs();
    for (const presentity of this.#changed) if (presentity.update(now)) this.stateChanged(presentity);
    this.#changed.clear();
  }

  /** Tells everybody who may see it that the state is another. */
  stateChanged(presentity: Presentity): void {
    for (const watch of presentity.watches) if (!watch.looksOffline) this.#parts.notifier.changed(watch);
  }

  /** The user has changed who may watch: decides about all watchers anew. */
  rulesChanged(presentity: Presentity): void {
    for (const watch of [...presentity.watches]) {
      const permission = this.authorise(presentity, watch.subscription.subscriber);
      this.#parts.notifier.decided(watch, permission.ok ? permission.value : undefined);
    }
  }

  /** Tells the user's own endpoints who watches (rfc3857 4.7). */
  #tellOwner(watch: Watch<Presentity>, event: WatchEvent): void {
    const { watcherInfos } = watch.resource;
    if (watcherInfos.size === 0) return;
    const element = watcherElement(watch, event, this.#parts.nowMs());
    for (const info of watcherInfos) {
      info.resource.changes.set(watch.subscription.id, element);
      this.#parts.notifier.changed(info);
    }
  }
}
