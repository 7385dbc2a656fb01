import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Store } from '../store/store.ts';
import type { FrontEndServerConfiguration } from './server-configuration.ts';

/**
 * Opens the store that the configuration names; only its engine is loaded.
 * Fails with PASSWORD_FILE_UNUSABLE or as the engine does.
 */
export async function openStore(
  { store, dataFolder }: Pick<FrontEndServerConfiguration, 'store' | 'dataFolder'>,
  clock: Clock,
): Promise<Result<Store>> {
  const { url, passwordFile, schema, poolSize } = store;
  if (url === 'sqlite') {
    const { openSqliteStore } = await import('../store/sqlite/sqlite-store.ts');
    return openSqliteStore({ path: join(dataFolder, 'parley.db'), clock });
  }
  const password = passwordFile === undefined ? ok(undefined) : readPassword(passwordFile);
  if (!password.ok) return password;
  const { openPostgresStore } = await import('../store/postgres/postgres-store.ts');
  return openPostgresStore({
    url,
    clock,
    poolSize,
    ...(password.value === undefined ? {} : { password: password.value }),
    ...(schema === undefined ? {} : { schema }),
  });
}

/** The first line: editors end it with a line feed, which is no part of the password. */
function readPassword(path: string): Result<string> {
  try {
    const [password = ''] = readFileSync(path, 'utf8').split(/\r?\n/, 1);
    return password === '' ? err(failure('PASSWORD_FILE_UNUSABLE', { path, reason: 'its first line is empty' })) : ok(password);
  } catch (cause) {
    return err(failure('PASSWORD_FILE_UNUSABLE', { path, reason: 'it cannot be read' }, cause));
  }
}
