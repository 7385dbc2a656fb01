import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { readTextFile } from './api-target.ts';

/** Where a password comes from: never from the command line itself, where others on the machine could read it. */
export interface PasswordOptions {
  readonly passwordFile?: string;
  readonly generate?: boolean;
}

/** The password parameters of a command. Fails with FILE_UNUSABLE or PARAMETER_CONFLICT. */
export function readPassword({
  passwordFile,
  generate,
}: PasswordOptions): Result<{ password?: string; generatePassword?: true }> {
  if (passwordFile !== undefined && generate) {
    return err(failure('PARAMETER_CONFLICT', { command: 'parley user', first: '--password-file', second: '--generate' }));
  }
  if (generate) return ok({ generatePassword: true });
  if (passwordFile === undefined) return ok({});
  const text = readTextFile(passwordFile, '--password-file');
  return text.ok ? ok({ password: text.value.replace(/\r?\n$/, '') }) : text;
}
