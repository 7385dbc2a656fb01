import type { Result } from '../../base/result.ts';
import type { NotifyBody } from './notifier-dialog.ts';
import type { Subscriber } from './subscriber.ts';
import type { Permission, Watch } from './subscription.ts';
import type { WatchedUser } from './watched-user.ts';

/** What happens to a watch, in the words of rfc3857 4.7.1. */
export type WatchEvent = 'subscribe' | 'approved' | 'rejected' | 'timeout' | 'deactivated' | 'giveup' | 'noresource';

/** An event package (rfc6665 7): what can be subscribed to, by whom, and what is told. `R` is what it keeps of a user who is watched. */
export interface EventPackage<R = unknown> {
  /** Value of Event. */
  readonly name: string;
  /** Who may subscribe at all: everybody whom policy lets through, or the user alone. */
  readonly audience: 'everybody' | 'owner';
  /** Media type of the bodies, which an Accept has to allow. */
  readonly accepts: string;
  /** Whether that watcher may subscribe to a user, and how much is shown. Fails with WATCHER_REJECTED or PRESENCE_NOT_OWNER. */
  authorise(user: WatchedUser, subscriber: Subscriber): Result<Permission>;
  /**
   * What is kept of the user, for a watcher who is permitted. `isFetch`: the state is told once and nothing is kept. What comes back is followed by
   * `began` or, for a fetch, by `ended`. Fails with SUBSCRIPTION_LIMIT_REACHED.
   */
  admit(user: WatchedUser, subscriber: Subscriber, permission: Permission, isFetch: boolean): Result<R>;
  /** The watch is kept from now on. */
  began(watch: Watch<R>): void;
  /** The user has let the watcher see. */
  approved(watch: Watch<R>): void;
  /** It is kept no longer; `watch.state` says why. Its last body may still be asked for. */
  ended(watch: Watch<R>): void;
  /** The newest state for that watch; `undefined` where there is nothing that it has not got. `isForced`: it is to be told all the same. */
  bodyFor(watch: Watch<R>, isForced: boolean): NotifyBody | undefined;
  /** Called before a turn of NOTIFY requests: what has changed gets `Notifier.changed` now. */
  prepareTurn?(): void;
}
