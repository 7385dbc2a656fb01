/** Every limit of subscriptions, whatever their event. */
export interface EventLimits {
  /** Life of a subscription or publication, in seconds: what is asked for less than `min` is refused, above `max` clipped. */
  readonly minExpiresSeconds: number;
  readonly defaultExpiresSeconds: number;
  readonly maxExpiresSeconds: number;
  /** Subscriptions of this server, those that only wait for the answer to their last NOTIFY included. */
  readonly maxSubscriptions: number;
  /** Of them: those of one watcher, whomever to. */
  readonly maxSubscriptionsPerWatcher: number;
  /** Of them: those of all watchers of one domain outside; and of all domains outside together. */
  readonly maxSubscriptionsPerPartner: number;
  readonly maxSubscriptionsOutside: number;
  /** How long a watcher waits for the user's word before the subscription is given up, in seconds. */
  readonly maxPendingSeconds: number;
  /** Resources of one subscription. */
  readonly maxResources: number;
  /** Bytes of the addresses kept of one dialog: Contact, Record-Route, From, To, Call-ID. */
  readonly maxDialogBytes: number;
  readonly maxRoutes: number;
  /** NOTIFY requests sent before others get their turn. */
  readonly maxNotifiesPerTurn: number;
  /** The longest pause before a NOTIFY that was lost is sent again, in seconds: in the first minutes, and later. */
  readonly maxProbeSeconds: number;
  readonly maxLateProbeSeconds: number;
  /** The longest time that a watcher is given who asks for it, or who fails while the way is alive, in seconds. */
  readonly maxRetrySeconds: number;
}

/** Limits where nothing else is configured. */
export const eventLimits: EventLimits = {
  minExpiresSeconds: 60,
  defaultExpiresSeconds: 3600,
  maxExpiresSeconds: 3600,
  maxSubscriptions: 200_000,
  maxSubscriptionsPerWatcher: 1000,
  maxSubscriptionsPerPartner: 40_000,
  maxSubscriptionsOutside: 150_000,
  maxPendingSeconds: 86_400,
  maxResources: 500,
  maxDialogBytes: 8192,
  maxRoutes: 16,
  maxNotifiesPerTurn: 200,
  maxProbeSeconds: 5,
  maxLateProbeSeconds: 30,
  maxRetrySeconds: 60,
};
