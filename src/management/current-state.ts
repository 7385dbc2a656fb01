import type { ConfigurationSource } from '../directory/configuration-source.ts';
import type { UserDirectory } from '../directory/user-directory.ts';
import type { ChangeSet } from '../store/store.ts';
import { ConfigurationState } from './configuration-state.ts';
import type { ManagementState } from './management-state.ts';
import type { TenantScope } from './principal.ts';
import { usersOfTenant } from './user-table.ts';

/**
 * The state that commands see: what this node decides by, with the indexes that validation needs. They are made with the first command and
 * follow the changes from then on; the store is never asked for the sake of a command alone.
 */
export class CurrentState {
  readonly #source: ConfigurationSource;
  readonly #users: UserDirectory;
  readonly #stop: () => void;
  #configuration: ConfigurationState | undefined;

  constructor(source: ConfigurationSource, users: UserDirectory) {
    this.#source = source;
    this.#users = users;
    this.#stop = source.onChanged(change => {
      this.#configuration = change && this.#configuration?.after(change);
    });
  }

  /** The state, cut to a scope; one that a hint has shown to be old is never returned. Rejects with FailureError when the store cannot be read. */
  async read(scope: TenantScope): Promise<ManagementState> {
    await Promise.all([this.#source.caughtUp(), this.#users.caughtUp()]);
    this.#configuration ??= ConfigurationState.of(this.#source.document);
    if (scope.kind === 'deployment') return { configuration: this.#configuration, users: this.#users };
    return {
      configuration: this.#configuration.within(scope.tenant),
      users: usersOfTenant(this.#users, scope.tenant),
    };
  }

  /** Reads what a change was about. Rejects with FailureError when the store cannot be read. */
  async refresh({ objects, users }: Pick<ChangeSet, 'objects' | 'users'>): Promise<void> {
    await Promise.all([
      objects.length > 0 ? this.#source.refresh() : undefined,
      users.length > 0 ? this.#users.refresh(users.map(user => user.id)) : undefined,
    ]);
  }

  /** Reads everything that a conflict has shown to be old. Rejects with FailureError when the store cannot be read. */
  async reread(): Promise<void> {
    await Promise.all([this.#source.refresh(), this.#users.reread()]);
  }

  /** Follows no more changes. */
  close(): void {
    this.#stop();
    this.#configuration = undefined;
  }
}
