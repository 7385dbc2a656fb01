import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { ok, type Result } from '../base/result.ts';
import type { PostgresAddress } from '../store/postgres/postgres-connection.ts';
import type { OpenedStore } from '../store/store.ts';
import { readFirstLine } from './first-line.ts';
import type { FrontEndServerConfiguration } from './server-configuration.ts';

/** Where and what the store is. */
type StoreConfiguration = Pick<FrontEndServerConfiguration, 'store' | 'dataFolder'>;

/** Opens a store whose engine is loaded. Fails with PASSWORD_FILE_UNUSABLE or as the engine does. */
export type StoreOpener = () => Promise<Result<OpenedStore>>;

/** Loads the engine of the store that the configuration names, and no other. What it gives has begun its work when it returns. */
export async function loadStore({ store, dataFolder }: StoreConfiguration, clock: Clock): Promise<StoreOpener> {
  const { url, poolSize } = store;
  if (url === 'sqlite') {
    const { openSqliteStore } = await import('../store/sqlite/sqlite-store.ts');
    return () => openSqliteStore({ path: databaseFile(dataFolder), clock });
  }
  const { openPostgresStore } = await import('../store/postgres/postgres-store.ts');
  return async () => {
    const address = postgresAddress(store);
    return address.ok ? openPostgresStore({ ...address.value, clock, poolSize }) : address;
  };
}

/** Loads and opens the store that the configuration names. Fails with PASSWORD_FILE_UNUSABLE or as the engine does. */
export async function openStore(configuration: StoreConfiguration, clock: Clock): Promise<Result<OpenedStore>> {
  const open = await loadStore(configuration, clock);
  return open();
}

/** Whether there is something to open: opening makes a database file that is not there. */
export function hasStore({ store, dataFolder }: StoreConfiguration): boolean {
  return store.url !== 'sqlite' || existsSync(databaseFile(dataFolder));
}

/** The SQLite file of a data folder. */
export function databaseFile(dataFolder: string): string {
  return join(dataFolder, 'parley.db');
}

/** Where a PostgreSQL store is, with the password from its file. Fails with PASSWORD_FILE_UNUSABLE. */
export function postgresAddress({ url, passwordFile, schema }: FrontEndServerConfiguration['store']): Result<PostgresAddress> {
  const password = passwordFile === undefined ? ok(undefined) : readFirstLine(passwordFile);
  if (!password.ok) return password;
  return ok({
    url,
    ...(password.value === undefined ? {} : { password: password.value }),
    ...(schema === undefined ? {} : { schema }),
  });
}
