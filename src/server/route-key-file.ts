import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { RouteSeal } from '../dialog/route-seal.ts';
import { secretFile } from './secret-file.ts';

const keyBytes = 32;

/**
 * The seal for route tokens with the key in the data folder, made at the first start: dialogs outlive a restart.
 * Throws FailureError with FILE_NOT_WRITTEN or SECRET_FILE_UNUSABLE.
 */
export function openRouteSeal(dataFolder: string): RouteSeal {
  const path = join(dataFolder, 'secrets', 'route-key');
  const key = secretFile(path, () => randomBytes(keyBytes).toString('base64'), readKey, 'calls under way then lose their way');
  return new RouteSeal([{ id: 1, key }]);
}

function readKey(text: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (key.length !== keyBytes) throw new Error(`it is no key of ${keyBytes} bytes`);
  return key;
}
