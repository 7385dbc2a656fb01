import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { renderWatcherInformation, type WatcherElement, type WatcherEvent, watcherInfoMediaType } from '../../body/winfo.ts';
import { type Aor, uriOfAor } from '../../model/names.ts';
import type { EventPackage } from '../events/event-package.ts';
import { type NotifyBody, notifyBody } from '../events/notifier-dialog.ts';
import type { Subscriber } from '../events/subscriber.ts';
import type { Permission, Watch } from '../events/subscription.ts';
import type { WatchedUser } from '../events/watched-user.ts';
import { presenceEvent, watcherInfoEvent } from './events.ts';
import type { PresenceLimits } from './presence-limits.ts';
import type { Presentities } from './presentities.ts';
import type { WatcherInfoView } from './presentity.ts';
import { presentityUri } from './publication.ts';

/** Watcher information of presence (rfc3857, rfc3858): who watches me, for the user alone. */
export class WatcherInfoPackage implements EventPackage<WatcherInfoView> {
  readonly name = watcherInfoEvent;
  readonly audience = 'owner';
  readonly accepts = watcherInfoMediaType;
  readonly #presentities: Presentities;
  readonly #limits: PresenceLimits;
  readonly #nowMs: () => number;

  constructor(presentities: Presentities, limits: PresenceLimits, nowMs: () => number) {
    this.#presentities = presentities;
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  authorise({ aor }: WatchedUser, subscriber: Subscriber): Result<Permission> {
    if (subscriber.aor !== aor) return err(failure('PRESENCE_NOT_OWNER', { sender: subscriber.aor, user: aor }));
    return ok({ status: 'active', looksOffline: false });
  }

  admit(user: WatchedUser, _subscriber: Subscriber, _permission: Permission, isFetch: boolean): Result<WatcherInfoView> {
    const limit = this.#limits.maxWatcherInfoPerUser;
    const taken = this.#presentities.find(user.aor)?.watcherInfos.size ?? 0;
    if (!isFetch && taken >= limit) return err(failure('SUBSCRIPTION_LIMIT_REACHED', { user: user.aor, limit }));
    return ok({ changes: new Map(), version: 0 });
  }

  began(watch: Watch<WatcherInfoView>): void {
    this.#presentities.of(watch.user).watcherInfos.add(watch);
  }

  approved(): void {}

  ended(watch: Watch<WatcherInfoView>): void {
    const presentity = this.#presentities.find(watch.user.aor);
    if (!presentity) return;
    presentity.watcherInfos.delete(watch);
    this.#presentities.dropIfEmpty(presentity);
  }

  /** All watchers after a SUBSCRIBE, then those that changed (rfc3857 4.6). */
  bodyFor(watch: Watch<WatcherInfoView>, isForced: boolean): NotifyBody | undefined {
    const view = watch.resource;
    const isFull = isForced || watch.lastBody === undefined;
    if (!isFull && view.changes.size === 0) return undefined;
    const watchers = isFull ? this.#allOf(watch.user.aor) : [...view.changes.values()];
    view.changes.clear();
    const rendered = renderWatcherInformation({
      version: view.version++,
      state: isFull ? 'full' : 'partial',
      resource: presentityUri(watch.user.aor),
      event: presenceEvent,
      watchers,
    });
    return notifyBody(watcherInfoMediaType, rendered);
  }

  #allOf(aor: Aor): readonly WatcherElement[] {
    const nowMs = this.#nowMs();
    const watches = this.#presentities.find(aor)?.watches ?? [];
    return [...watches].map(watch => watcherElement(watch, watch.state.kind === 'pending' ? 'subscribe' : 'approved', nowMs));
  }
}

/** How the user's own watcher information shows a watcher. */
export function watcherElement({ subscription, state }: Watch, event: WatcherEvent, nowMs: number): WatcherElement {
  const { id, sinceMs, expiresAtMs } = subscription;
  const { displayName, aor } = subscription.subscriber;
  return {
    id,
    uri: uriOfAor(aor),
    ...(displayName === undefined ? {} : { displayName }),
    status: state.kind,
    event,
    subscribedSeconds: (nowMs - sinceMs) / 1000,
    ...(state.kind === 'terminated' ? {} : { expiresSeconds: (expiresAtMs - nowMs) / 1000 }),
  };
}
