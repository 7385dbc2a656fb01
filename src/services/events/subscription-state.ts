/** Why a subscription has ended, as the watcher is told (rfc6665 4.1.3). */
export type TerminationReason = 'timeout' | 'rejected' | 'deactivated' | 'giveup' | 'noresource';

/** State of a subscription at the notifier (rfc6665 4.1.2). */
export type SubscriptionState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'active' }
  | { readonly kind: 'terminated'; readonly reason: TerminationReason; readonly retryAfterSeconds?: number };

/** What happens to a subscription. */
export type SubscriptionInput =
  /** The user lets the watcher see. */
  | 'approved'
  /** The user does not. */
  | 'rejected'
  /** The watcher has ended it. */
  | 'unsubscribed'
  | 'expired'
  /** The user has said nothing for too long. */
  | 'unconfirmed'
  /** This server stops, or the watcher has to sign in anew: the watcher subscribes again, at once. */
  | 'moved'
  /** The user is no more. */
  | 'presentity-removed';

const terminations: Readonly<Record<Exclude<SubscriptionInput, 'approved'>, SubscriptionState>> = {
  rejected: { kind: 'terminated', reason: 'rejected' },
  unsubscribed: { kind: 'terminated', reason: 'timeout' },
  expired: { kind: 'terminated', reason: 'timeout' },
  unconfirmed: { kind: 'terminated', reason: 'giveup', retryAfterSeconds: 3600 },
  moved: { kind: 'terminated', reason: 'deactivated' },
  'presentity-removed': { kind: 'terminated', reason: 'noresource' },
};

/** The state after `input`; the same object where nothing changes. What has ended stays so (rfc6665 4.1.2). */
export function nextSubscriptionState(state: SubscriptionState, input: SubscriptionInput): SubscriptionState {
  if (state.kind === 'terminated') return state;
  if (input === 'approved') return state.kind === 'active' ? state : { kind: 'active' };
  // nobody gives up on what is confirmed
  return input === 'unconfirmed' && state.kind === 'active' ? state : terminations[input];
}

/** Value of Subscription-State (rfc6665 8.2.3); `leftMs` is the rest of its life. */
export function subscriptionStateValue(state: SubscriptionState, leftMs: number): string {
  if (state.kind === 'terminated') {
    const { retryAfterSeconds } = state;
    return `terminated;reason=${state.reason}${retryAfterSeconds === undefined ? '' : `;retry-after=${retryAfterSeconds}`}`;
  }
  return `${state.kind};expires=${Math.max(0, Math.ceil(leftMs / 1000))}`;
}
