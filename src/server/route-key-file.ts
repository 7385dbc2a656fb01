import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { type RouteKey, RouteSeal } from '../dialog/route-seal.ts';
import { secretFile, writeSecret } from './secret-file.ts';

const keyBytes = 32;
const maxId = 255;
/** A key that has sealed for so long gets a follower at the next start. */
const sealingMs = 90 * 24 * 3_600_000;
/** Keys that are kept: a dialog lives as long as its user wants, here for four years at least. */
const maxKeys = 17;

type Keys = readonly [RouteKey, ...RouteKey[]];

/**
 * The seal for route tokens with the keys in the data folder, the first made at the first start: dialogs outlive a restart. The first line holds the
 * key that seals, those after it what opens older dialogs. `mayRenew`: for the one process of a server that may write another key on top.
 * Throws FailureError with FILE_NOT_WRITTEN or SECRET_FILE_UNUSABLE.
 */
export function openRouteSeal(dataFolder: string, clock: Clock, mayRenew: boolean): RouteSeal {
  const path = join(dataFolder, 'secrets', 'route-key');
  const loss = 'calls under way then lose their way';
  const keys = secretFile(path, () => textOf([newKey(1)]), readKeys, loss);
  if (!mayRenew || clock.now() - statSync(path).mtimeMs < sealingMs) return new RouteSeal(keys);
  const renewed: Keys = [newKey((keys[0].id % maxId) + 1), ...keys.slice(0, maxKeys - 1)];
  writeSecret(path, textOf(renewed));
  return new RouteSeal(renewed);
}

function newKey(id: number): RouteKey {
  return { id, key: randomBytes(keyBytes) };
}

function textOf(keys: readonly RouteKey[]): string {
  return keys.map(({ id, key }) => `${id} ${Buffer.from(key).toString('base64')}\n`).join('');
}

function readKeys(text: string): Keys {
  const [first, ...others] = text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(readKey);
  if (!first) throw new Error('it holds no key');
  return [first, ...others];
}

/** COMPAT parley 0.1.0: a file with one key had no id in it. */
function readKey(line: string): RouteKey {
  const [, id = '1', base64 = ''] = /^(?:(\d{1,3}) )?([\w+/=]+)$/.exec(line.trim()) ?? [];
  const key = Buffer.from(base64, 'base64');
  if (key.length !== keyBytes || Number(id) > maxId) throw new Error(`it is no list of keys of ${keyBytes} bytes`);
  return { id: Number(id), key };
}
