import { createHmac, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { derivedSealKeys } from '../../identity/seal-keys.ts';
import type { BackupSeal } from '../../store/backup/backup-format.ts';
import { passphraseCost } from './sealed-secrets.ts';
import { type SecretFiles, sealKeysText } from './secrets-folder.ts';

/** Derived keys are for this alone: the same key never seals a credential. */
const purpose = 'parley backup';
const saltBytes = 16;

/** A seal of the server whose secrets these are, over all lines with the given sum; nothing where it has no keys yet. */
export function sealByServer(secrets: SecretFiles, sum: string): BackupSeal | undefined {
  const keys = derivedSealKeys(sealKeysText(secrets), purpose);
  const key = keys?.keys.get(keys.active);
  return keys && key && { by: 'server', key: keys.active, mac: macOf(key, sum) };
}

/** A seal that whoever knows the passphrase can check anywhere. */
export function sealByPassphrase(passphrase: string, sum: string): BackupSeal {
  const salt = randomBytes(saltBytes).toString('base64');
  return { by: 'passphrase', key: salt, mac: macOf(passphraseKey(passphrase, salt), sum) };
}

/** Whether a seal holds, by what is known here; undefined where that does not tell. */
export function checkSeal(
  seal: BackupSeal,
  sum: string,
  known: { readonly secrets: SecretFiles; readonly passphrase: string | undefined },
): boolean | undefined {
  const key =
    seal.by === 'server'
      ? derivedSealKeys(sealKeysText(known.secrets), purpose)?.keys.get(seal.key)
      : known.passphrase === undefined
        ? undefined
        : passphraseKey(known.passphrase, seal.key);
  if (!key) return undefined;
  const [right, said] = [Buffer.from(macOf(key, sum)), Buffer.from(seal.mac)];
  return right.length === said.length && timingSafeEqual(right, said);
}

function macOf(key: Uint8Array, sum: string): string {
  return createHmac('sha256', key).update(`${purpose}\n${sum}`).digest('base64');
}

function passphraseKey(passphrase: string, salt: string): Buffer {
  return scryptSync(`${purpose}\n${passphrase}`, Buffer.from(salt, 'base64'), 32, passphraseCost);
}
