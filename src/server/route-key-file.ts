import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { RouteSeal } from '../dialog/route-seal.ts';
import { secretFile } from './secret-file.ts';

/** The seal for route tokens with the key in the data folder, made at the first start: dialogs outlive a restart. */
export function openRouteSeal(dataFolder: string): RouteSeal {
  const text = secretFile(join(dataFolder, 'secrets', 'route-key'), () => randomBytes(32).toString('base64'));
  return new RouteSeal([{ id: 1, key: Buffer.from(text, 'base64') }]);
}
