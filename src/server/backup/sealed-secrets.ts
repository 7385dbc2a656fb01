import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { FailureError, failure } from '../../base/failure.ts';
import { err, type Result } from '../../base/result.ts';
import type { SealedSecrets } from '../../store/backup/backup-format.ts';
import { readFirstLine } from '../first-line.ts';
import type { SecretFiles } from './secrets-folder.ts';

/** A backup may lie where many can take a copy and try: a short passphrase would be found. */
const minPassphraseLength = 12;
/** 64 MB and a fifth of a second for one try (scrypt, rfc7914). */
export const passphraseCost = { N: 65_536, r: 8, p: 1, maxmem: 128 * 1024 * 1024 };
const saltBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;

/** Reads a passphrase. Fails with BACKUP_PASSPHRASE_NEEDED without a file, PASSWORD_FILE_UNUSABLE with one that cannot be used. */
export function readPassphrase(file: string | undefined, what: string): Result<string> {
  if (file === undefined) return err(failure('BACKUP_PASSPHRASE_NEEDED', { what, length: minPassphraseLength }));
  const passphrase = readFirstLine(file);
  if (!passphrase.ok || passphrase.value.length >= minPassphraseLength) return passphrase;
  return err(
    failure('PASSWORD_FILE_UNUSABLE', { path: file, reason: `the passphrase has fewer than ${minPassphraseLength} characters` }),
  );
}

/** Seals secrets for a backup; `sum` of the lines before is bound in, so that nobody without the passphrase can change those. */
export function sealSecrets(secrets: SecretFiles, passphrase: string, sum: string): SealedSecrets {
  const salt = randomBytes(saltBytes);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', scryptSync(passphrase, salt, 32, passphraseCost), nonce);
  cipher.setAAD(Buffer.from(sum));
  const body = Buffer.concat([cipher.update(JSON.stringify(Object.fromEntries(secrets))), cipher.final()]);
  return { salt: salt.toString('base64'), box: Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64') };
}

/** Opens what `sealSecrets` made; throws FailureError with BACKUP_PASSPHRASE_WRONG. */
export function openSecrets(sealed: SealedSecrets, passphrase: string, sum: string, file: string): SecretFiles {
  try {
    const box = Buffer.from(sealed.box, 'base64');
    const key = scryptSync(passphrase, Buffer.from(sealed.salt, 'base64'), 32, passphraseCost);
    const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, nonceBytes));
    decipher.setAAD(Buffer.from(sum));
    decipher.setAuthTag(box.subarray(-tagBytes));
    const clear = Buffer.concat([decipher.update(box.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    return new Map(Object.entries(JSON.parse(clear.toString('utf8')) as Record<string, string>));
  } catch (cause) {
    throw new FailureError(failure('BACKUP_PASSPHRASE_WRONG', { file }, cause));
  }
}
