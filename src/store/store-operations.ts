import { ok, type Result } from '../base/result.ts';
import type { Binding } from '../model/binding.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';
import type { Aor, UserId } from '../model/names.ts';
import { readBackupHistory, readBackupState } from './backup/backup-rows.ts';
import { readBindings, removeBindings, removeEarlierIncarnations, writeBindings } from './binding-repository.ts';
import { commitChangeSet, type Written } from './commit-change-set.ts';
import { readConfiguration, readConfigurationChange } from './configuration-repository.ts';
import { readRevisions } from './revision-repository.ts';
import type { Database } from './schema.ts';
import type { BindingKey, ChangeSet } from './store.ts';
import { readCredentials, readUsers, type UserFilter } from './user-repository.ts';

/**
 * Reads of the store port on any engine. Lists that may be long come as text: one string crosses a thread border cheaply.
 */
export const readOperations = {
  readConfiguration: (db: Database, _input: undefined) => readConfiguration(db),
  readConfigurationChange: (db: Database, since: ConfigurationVersion) => readConfigurationChange(db, since),
  readRevisions: async (db: Database, input: { readonly limit: number; readonly before?: number }) =>
    JSON.stringify(await readRevisions(db, input.limit, input.before)),
  readUsers: async (db: Database, filter: UserFilter) => JSON.stringify(await readUsers(db, filter)),
  readCredentials: (db: Database, ids: readonly UserId[]) => readCredentials(db, ids),
  readBindings: async (db: Database, aors: readonly Aor[] | undefined) => JSON.stringify(await readBindings(db, aors)),
  readBackupState: (db: Database, _input: undefined) => readBackupState(db),
  readBackupHistory: (db: Database, input: { readonly after: number; readonly upTo: number }) => readBackupHistory(db, input),
};

/** Writes of the store port on any engine: each inside a transaction of its own, which the caller rolls back on a failure. */
export const writeOperations = {
  commit: (db: Database, input: { readonly change: ChangeSet; readonly atMs: number }) =>
    commitChangeSet(db, input.change, input.atMs),
  writeBindings: async (
    db: Database,
    input: { readonly upserts: readonly Binding[]; readonly removals: readonly BindingKey[] },
  ): Promise<Result<Written<void>>> => {
    await removeBindings(db, input.removals);
    await writeBindings(db, input.upserts);
    const aors = [...new Set([...input.removals, ...input.upserts].map(binding => binding.aor))];
    return ok({ value: undefined, hints: [{ kind: 'bindings', aors }] });
  },
  forgetIncarnations: async (
    db: Database,
    input: { readonly node: string; readonly except: string },
  ): Promise<Result<Written<void>>> => {
    const aors = await removeEarlierIncarnations(db, input.node, input.except);
    return ok({ value: undefined, hints: aors.length > 0 ? [{ kind: 'bindings', aors }] : [] });
  },
};

/** Name of a read. */
export type ReadName = keyof typeof readOperations;
/** Name of a write. */
export type WriteName = keyof typeof writeOperations;
/** What a read is given. */
export type ReadInput<N extends ReadName> = Parameters<(typeof readOperations)[N]>[1];
/** What a read answers. */
export type ReadOutput<N extends ReadName> = Awaited<ReturnType<(typeof readOperations)[N]>>;
/** What a write is given. */
export type WriteInput<N extends WriteName> = Parameters<(typeof writeOperations)[N]>[1];
