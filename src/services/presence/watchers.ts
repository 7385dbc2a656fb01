import { type Aor, domainOfAor } from '../../model/names.ts';
import type { User } from '../../model/user.ts';
import type { Subscriber } from '../events/subscriber.ts';

/** What a user has said about a watcher: see everything, be asked about first, see an offline user, be refused openly. */
export type WatcherVerdict = 'allowed' | 'confirm' | 'blocked' | 'rejected';

/** Whom a user lets watch (D24). */
export interface WatcherRules {
  /** By address, or by domain for everybody in it; the address counts first. Both lower case. */
  readonly verdicts: ReadonlyMap<string, WatcherVerdict>;
  /** For everybody else. */
  readonly inside: WatcherVerdict;
  readonly federated: WatcherVerdict;
}

/** Rules of a user who has said nothing: colleagues and allowed federated users may watch. */
export const openRules: WatcherRules = { verdicts: new Map(), inside: 'allowed', federated: 'allowed' };

/** What a user's own block list says about watchers; `undefined`: it says nothing. */
export function rulesOfBlockList(user: Pick<User, 'blockedSenders'> | undefined): WatcherRules | undefined {
  if (user?.blockedSenders === undefined) return undefined;
  return { ...openRules, verdicts: new Map(user.blockedSenders.map(entry => [entry, 'blocked'])) };
}

/** What the subscription of a watcher is to be. */
export interface WatcherDecision {
  readonly status: 'active' | 'pending' | 'rejected';
  /** Only closed is shown: the watcher cannot tell being blocked from the user being offline. */
  readonly looksOffline: boolean;
}

const decisions: Readonly<Record<WatcherVerdict, WatcherDecision>> = {
  allowed: { status: 'active', looksOffline: false },
  confirm: { status: 'pending', looksOffline: true },
  blocked: { status: 'active', looksOffline: true },
  rejected: { status: 'rejected', looksOffline: true },
};

/** Decides about a watcher (D24). Users always see themselves. */
export function decideWatcher(
  presentity: Aor,
  rules: WatcherRules,
  subscriber: Pick<Subscriber, 'aor' | 'kind'>,
): WatcherDecision {
  if (subscriber.aor === presentity) return decisions.allowed;
  const { verdicts } = rules;
  return decisions[verdicts.get(subscriber.aor) ?? verdicts.get(domainOfAor(subscriber.aor)) ?? rules[subscriber.kind]];
}
