import type { NotifyBody } from './notifier-dialog.ts';
import type { SubscriptionState } from './subscription-state.ts';
import type { WatchedUser } from './watched-user.ts';

/** What a NOTIFY of a list says of one of its resources. */
export interface ResourceReport {
  readonly user: WatchedUser;
  readonly state: SubscriptionState;
  /** Absent where nothing may be told. */
  readonly body: NotifyBody | undefined;
}

/** A list of resources in one subscription (rfc4662, rfc5367; Lync's batched subscription). How it is written is for the dialect that brings it. */
export interface ResourceList {
  readonly users: readonly WatchedUser[];
  /** What an Accept has to allow beside the bodies of the package. */
  readonly mediaType: string;
  /** One body for the resources that are reported. `isFull`: all of them are. `version` counts the bodies of the subscription from 0. */
  assemble(reports: readonly ResourceReport[], isFull: boolean, version: number): NotifyBody;
}
