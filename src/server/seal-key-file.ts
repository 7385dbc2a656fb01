import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../base/failure.ts';
import { err, type Result } from '../base/result.ts';
import { SealKeys } from '../identity/seal-keys.ts';
import type { Store } from '../store/store.ts';

const idsPerRead = 1000;

/**
 * Opens the keys that seal users' secrets, making the first one for a store without any. Fails with SEAL_KEYS_MISSING where the store holds what
 * other keys have sealed, for nobody could sign in any more, or as `SealKeys.open`.
 */
export async function openSealKeys(
  dataFolder: string,
  store: Pick<Store, 'readUsers' | 'readCredentials'>,
): Promise<Result<SealKeys>> {
  const path = join(dataFolder, 'secrets', 'seal-keys.json');
  if (!existsSync(path) && (await holdsCredentials(store))) return err(failure('SEAL_KEYS_MISSING', { path }));
  return SealKeys.open(path);
}

async function holdsCredentials(store: Pick<Store, 'readUsers' | 'readCredentials'>): Promise<boolean> {
  const ids = (await store.readUsers()).map(({ id }) => id);
  for (let start = 0; start < ids.length; start += idsPerRead) {
    if ((await store.readCredentials(ids.slice(start, start + idsPerRead))).size > 0) return true;
  }
  return false;
}
