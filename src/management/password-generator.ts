import { failure } from '../base/failure.ts';
import { randomToken } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';

/** Without letters and digits that are read as each other (l 1 I, O 0). */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
const groups = 4;
const groupLength = 4;

/** A random password that can be read out: four groups of four, 80 bits. */
export function generatePassword(): string {
  const bytes = randomToken(groups * groupLength).match(/../g) ?? [];
  const letters = bytes.map(byte => alphabet.charAt(Number.parseInt(byte, 16) & 31));
  return Array.from({ length: groups }, (_, i) => letters.slice(i * groupLength, (i + 1) * groupLength).join('')).join('-');
}

/** Refuses a password no client could send. Fails with PASSWORD_UNUSABLE. */
export function checkPassword(password: string): Result<string> {
  if (password.length === 0) return err(failure('PASSWORD_UNUSABLE', { problem: 'it is empty' }));
  if (password.length > 256) return err(failure('PASSWORD_UNUSABLE', { problem: 'it is longer than 256 characters' }));
  if (/\p{Cc}/u.test(password))
    return err(failure('PASSWORD_UNUSABLE', { problem: 'it holds a control character or a line end' }));
  return ok(password);
}
