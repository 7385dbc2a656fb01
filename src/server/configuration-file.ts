import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { failure } from '../base/failure.ts';
import { fileProblem } from '../base/file-problem.ts';
import { err, ok, type Result } from '../base/result.ts';
import { worstProblem } from './configuration-problem.ts';
import { ServerConfiguration } from './server-configuration.ts';

const longestDetail = 300;
/** Many times what any configuration needs; reading nonsense of any size could take minutes. */
const maxCharacters = 65_536;

/**
 * Reads a server's configuration file (YAML). Paths in it are relative to the file's folder and come back absolute.
 * Fails with CONFIGURATION_UNREADABLE, or CONFIGURATION_INVALID naming line, field and what was expected; nothing is guessed.
 */
export function readConfigurationFile(path: string): Result<ServerConfiguration> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = fileProblem(cause);
    return err(failure('CONFIGURATION_UNREADABLE', { path, reason }, cause));
  }
  return parseConfiguration(text, path);
}

/** Parses configuration text as if it stood in the file `path`. Fails with CONFIGURATION_INVALID. */
export function parseConfiguration(text: string, path: string): Result<ServerConfiguration> {
  const lines = new LineCounter();
  const invalid = (line: number, detail: string) =>
    err(failure('CONFIGURATION_INVALID', { path, line, detail: printable(detail) }));
  if (text.length > maxCharacters) return invalid(1, `the file has more than ${maxCharacters} characters`);
  let document: Document.Parsed;
  let value: unknown;
  try {
    document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, logLevel: 'error' });
    const syntax = document.errors[0];
    if (syntax)
      return invalid(lineAt(lines, syntax.pos[0]), `not valid YAML: ${withoutPosition(syntax.message.split('\n')[0] as string)}`);
    value = document.toJS() ?? {};
  } catch (cause) {
    // the library throws for what it finds late: an alias of nothing or of far too much, collections too deep for it
    return invalid(
      1,
      cause instanceof ReferenceError ? `not valid YAML: ${withoutPosition(cause.message)}` : 'this is no YAML that can be read',
    );
  }
  const parsed = ServerConfiguration.safeParse(value);
  if (parsed.success) return ok(withAbsolutePaths(parsed.data, dirname(resolve(path))));
  const { place, detail } = worstProblem(parsed.error.issues, value);
  return invalid(lineOf(document, lines, place), detail);
}

/** The line of a field, or of what it should be in. */
function lineOf(document: Document.Parsed, lines: LineCounter, place: readonly PropertyKey[]): number {
  for (let depth = place.length; depth > 0; depth--) {
    const node = document.getIn(place.slice(0, depth) as string[], true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return lineAt(lines, node.range[0]);
  }
  return 1;
}

function lineAt(lines: LineCounter, offset: number): number {
  return Math.max(1, lines.linePos(offset).line);
}

function withoutPosition(message: string): string {
  return message.replace(/ at line \d+, column \d+:?$/, '');
}

/** Text from the file may be of any length and hold anything; a sentence is one line. */
function printable(text: string): string {
  const line = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, '?');
  return line.length > longestDetail ? `${line.slice(0, longestDetail)}…` : line;
}

/** Every value under a key that names a file or folder becomes absolute. */
function withAbsolutePaths<T>(value: T, folder: string, key = ''): T {
  if (typeof value === 'string') return (isPathKey(key) ? resolve(folder, value) : value) as T;
  if (Array.isArray(value)) return value.map(item => withAbsolutePaths(item, folder, key)) as T;
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withAbsolutePaths(item, folder, name)])) as T;
  }
  return value;
}

function isPathKey(key: string): boolean {
  return /(File|Files|Folder)$/.test(key);
}
