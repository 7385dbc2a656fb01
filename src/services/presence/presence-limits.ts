/** Every limit of presence beside those of subscriptions in general. */
export interface PresenceLimits {
  /** Bytes of one presence document. */
  readonly maxDocumentBytes: number;
  readonly maxPublicationsPerUser: number;
  readonly maxPublications: number;
  /** Places for watchers of one user, where no CsPresencePolicy says so. */
  readonly maxWatchersPerUser: number;
  /** Of them: those of one account. */
  readonly maxWatchersPerAccount: number;
  /** Parts of them that one account, one domain outside, and all domains outside together may have. The rest is kept for others. */
  readonly accountShare: number;
  readonly partnerShare: number;
  readonly outsideShare: number;
  /** Of them: watchers waiting for the user's word (maxPromptedSubscriber of CsPresencePolicy), and those of one domain outside. */
  readonly maxPendingPerUser: number;
  readonly maxPendingPerPartner: number;
  /** Subscriptions of one user to their own watchers: one for each endpoint. */
  readonly maxWatcherInfoPerUser: number;
}

/** Limits where nothing else is configured. */
export const presenceLimits: PresenceLimits = {
  maxDocumentBytes: 65_536,
  maxPublicationsPerUser: 16,
  maxPublications: 100_000,
  maxWatchersPerUser: 1000,
  maxWatchersPerAccount: 32,
  accountShare: 0.25,
  partnerShare: 0.25,
  outsideShare: 0.7,
  maxPendingPerUser: 200,
  maxPendingPerPartner: 50,
  maxWatcherInfoPerUser: 16,
};
