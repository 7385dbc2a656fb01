import { type Failure, failure } from '../../base/failure.ts';
import { type Aor, domainOfAor } from '../../model/names.ts';
import type { Subscriber } from '../events/subscriber.ts';
import type { Permission, Watch } from '../events/subscription.ts';
import type { PresenceLimits } from './presence-limits.ts';

/** Who is watched, and by whom so far. */
interface Watched {
  readonly aor: Aor;
  readonly watches: ReadonlySet<Watch>;
}

/**
 * Why there is no place for one more watcher of a user: nobody may take the places of all others, no account, no partner, and all partners together
 * not those of colleagues. Undefined where there is one.
 */
export function refuseWatcher(
  { aor, watches }: Watched,
  subscriber: Subscriber,
  { status }: Permission,
  limits: PresenceLimits,
): Failure | undefined {
  const reached = (user: string, limit: number): Failure => failure('SUBSCRIPTION_LIMIT_REACHED', { user, limit });
  if (watches.size >= limits.maxWatchersPerUser) return reached(aor, limits.maxWatchersPerUser);
  const domain = domainOfAor(subscriber.aor);
  const taken = countPlaces(watches, subscriber, domain);
  const share = (part: number): number => Math.max(1, Math.floor(limits.maxWatchersPerUser * part));
  const perAccount = Math.min(limits.maxWatchersPerAccount, share(limits.accountShare));
  if (taken.account >= perAccount) return reached(subscriber.aor, perAccount);
  const isPending = status === 'pending';
  if (isPending && taken.pending >= limits.maxPendingPerUser) return reached(aor, limits.maxPendingPerUser);
  if (subscriber.kind === 'inside') return undefined;
  if (taken.partner >= share(limits.partnerShare)) return reached(domain, share(limits.partnerShare));
  if (isPending && taken.partnerPending >= limits.maxPendingPerPartner) return reached(domain, limits.maxPendingPerPartner);
  return taken.outside >= share(limits.outsideShare) ? reached(aor, share(limits.outsideShare)) : undefined;
}

function countPlaces(watches: ReadonlySet<Watch>, { aor }: Subscriber, domain: string) {
  const taken = { account: 0, partner: 0, partnerPending: 0, outside: 0, pending: 0 };
  for (const { subscription, state } of watches) {
    const other = subscription.subscriber;
    const isPending = state.kind === 'pending';
    if (isPending) taken.pending++;
    if (other.aor === aor) taken.account++;
    if (other.kind === 'inside') continue;
    taken.outside++;
    if (!other.aor.endsWith(domain) || domainOfAor(other.aor) !== domain) continue;
    taken.partner++;
    if (isPending) taken.partnerPending++;
  }
  return taken;
}
