import { readFileSync } from 'node:fs';
import { failure } from '../base/failure.ts';
import { fileProblem } from '../base/file-problem.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type ApiToken, parseApiTokens } from '../management/http-api/api-token.ts';

const minTokenLength = 16;

/** Reads the tokens of the management API. Fails with TOKEN_FILE_UNUSABLE when there is none or one is short enough to be guessed. */
export function readApiTokens(path: string): Result<readonly ApiToken[]> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    return err(failure('TOKEN_FILE_UNUSABLE', { path, reason: fileProblem(cause) }, cause));
  }
  const tokens = parseApiTokens(text);
  if (tokens.length === 0) return err(failure('TOKEN_FILE_UNUSABLE', { path, reason: 'it holds no token' }));
  if (tokens.some(({ token }) => token.length < minTokenLength)) {
    return err(failure('TOKEN_FILE_UNUSABLE', { path, reason: `a token in it has fewer than ${minTokenLength} characters` }));
  }
  return ok(tokens);
}
