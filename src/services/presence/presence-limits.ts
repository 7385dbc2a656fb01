/** Every limit of the presence service. */
export interface PresenceLimits {
  /** Life of a publication or subscription, in seconds: what is asked for less than `min` is refused, above `max` clipped. */
  readonly minExpiresSeconds: number;
  readonly defaultExpiresSeconds: number;
  readonly maxExpiresSeconds: number;
  /** Bytes of one presence document. */
  readonly maxDocumentBytes: number;
  readonly maxPublicationsPerUser: number;
  readonly maxPublications: number;
  /** Subscriptions to the presence of one user, where no CsPresencePolicy says so. */
  readonly maxWatchersPerUser: number;
  /** Of them: watchers waiting for the user's word (maxPromptedSubscriber of CsPresencePolicy). */
  readonly maxPendingPerUser: number;
  /** Subscriptions of one user to their own watchers: one for each endpoint. */
  readonly maxWatcherInfoPerUser: number;
  /** Subscriptions that one watcher has, whomever to. */
  readonly maxSubscriptionsPerWatcher: number;
  readonly maxSubscriptions: number;
  /** How long a watcher waits for the user's word before the subscription is given up, in seconds. */
  readonly maxPendingSeconds: number;
  /** Bytes of the addresses kept of one dialog: Contact, Record-Route, From, To, Call-ID. */
  readonly maxDialogBytes: number;
  readonly maxRoutes: number;
  /** NOTIFY requests sent before others get their turn. */
  readonly maxNotifiesPerTurn: number;
  /** How often one NOTIFY is put off because the watcher asked for it, and for how long at most. */
  readonly maxNotifyDelays: number;
  readonly maxNotifyDelaySeconds: number;
}

/** Limits where nothing else is configured. */
export const presenceLimits: PresenceLimits = {
  minExpiresSeconds: 60,
  defaultExpiresSeconds: 3600,
  maxExpiresSeconds: 3600,
  maxDocumentBytes: 65_536,
  maxPublicationsPerUser: 16,
  maxPublications: 100_000,
  maxWatchersPerUser: 1000,
  maxPendingPerUser: 200,
  maxWatcherInfoPerUser: 16,
  maxSubscriptionsPerWatcher: 1000,
  maxSubscriptions: 200_000,
  maxPendingSeconds: 86_400,
  maxDialogBytes: 8192,
  maxRoutes: 16,
  maxNotifiesPerTurn: 200,
  maxNotifyDelays: 5,
  maxNotifyDelaySeconds: 60,
};
