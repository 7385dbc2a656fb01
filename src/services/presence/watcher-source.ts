import type { Configuration } from '../../model/configuration.ts';
import { effectivePresencePolicy } from '../../model/effective-policy.ts';
import type { Aor } from '../../model/names.ts';
import type { User } from '../../model/user.ts';
import type { WatcherRulesSource } from './presence-service.ts';
import { rulesOfBlockList } from './watchers.ts';

/** Who may watch our users, and how many: their own block lists, and the CsPresencePolicy that governs each. */
export function watcherSource(
  users: { find(aor: Aor): User | undefined },
  configuration: { readonly current: Configuration },
): WatcherRulesSource {
  return {
    rulesOf: presentity => rulesOfBlockList(users.find(presentity)),
    maxWatchersOf(presentity) {
      const user = users.find(presentity);
      return user && effectivePresencePolicy(configuration.current, user).policy.maxCategorySubscription;
    },
  };
}
