import type { Store } from './store.ts';

/** Every operation of a store as a property of its own, for a store that is another one but for a few of them. */
export function forwardingStore(store: Store): Store {
  return {
    readConfiguration: () => store.readConfiguration(),
    readConfigurationChange: since => store.readConfigurationChange(since),
    commit: change => store.commit(change),
    readRevisions: (limit, before) => store.readRevisions(limit, before),
    readUsers: filter => store.readUsers(filter),
    readCredentials: ids => store.readCredentials(ids),
    writeBindings: (upserts, removals) => store.writeBindings(upserts, removals),
    readBindings: aors => store.readBindings(aors),
    forgetIncarnations: (node, except) => store.forgetIncarnations(node, except),
    readBackupState: () => store.readBackupState(),
    readBackupHistory: (after, upTo) => store.readBackupHistory(after, upTo),
    onHint: listener => store.onHint(listener),
    close: () => store.close(),
  };
}
