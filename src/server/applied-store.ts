import type { ConfigurationSource } from '../directory/configuration-source.ts';
import type { UserDirectory } from '../directory/user-directory.ts';
import type { ChangeSet, Store } from '../store/store.ts';
import { storeAround } from '../store/store-facade.ts';

/**
 * The store as commands see it: a change is answered only when this node decides by it. Whoever revokes a policy and sends the next
 * message must not meet the old state, which a hint of the change feed alone, a turn later, would still allow. `applyElsewhere` does
 * the same for the other processes of this server.
 */
export function appliedStore(
  store: Store,
  source: ConfigurationSource,
  directory: UserDirectory,
  applyElsewhere: (change: ChangeSet) => Promise<void> = async () => {},
): Store {
  return {
    ...storeAround(store),
    async commit(change) {
      const committed = await store.commit(change);
      if (!committed.ok) return committed;
      // a store lost after the commit changes nothing about the commit; this node follows when the store is back
      await Promise.allSettled([
        change.objects.length > 0 ? source.refresh() : undefined,
        change.users.length > 0 ? directory.refresh(change.users.map(user => user.id)) : undefined,
        applyElsewhere(change),
      ]);
      return committed;
    },
  };
}
