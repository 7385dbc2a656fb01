import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { ServerConfiguration } from './server-configuration.ts';

/**
 * Reads a server's configuration file (YAML). Paths in it are relative to the file's folder and come back absolute.
 * Fails with CONFIGURATION_UNREADABLE, or CONFIGURATION_INVALID naming line, field and what was expected; nothing is guessed.
 */
export function readConfigurationFile(path: string): Result<ServerConfiguration> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : 'it cannot be read';
    return err(failure('CONFIGURATION_UNREADABLE', { path, reason }, cause));
  }
  return parseConfiguration(text, path);
}

/** Parses configuration text as if it stood in the file `path`. Fails with CONFIGURATION_INVALID. */
export function parseConfiguration(text: string, path: string): Result<ServerConfiguration> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const syntax = document.errors[0];
  if (syntax) {
    const detail = syntax.message.split('\n')[0] as string;
    return err(
      failure('CONFIGURATION_INVALID', { path, line: lines.linePos(syntax.pos[0]).line, detail: withoutPosition(detail) }),
    );
  }
  const parsed = ServerConfiguration.safeParse(document.toJS() ?? {});
  if (parsed.success) return ok(withAbsolutePaths(parsed.data, dirname(resolve(path))));
  const issue = parsed.error.issues[0] as z.core.$ZodIssue;
  return err(failure('CONFIGURATION_INVALID', { path, line: lineOf(issue.path), detail: describeIssue(issue) }));

  function lineOf(place: readonly PropertyKey[]): number {
    for (let depth = place.length; depth > 0; depth--) {
      const node = document.getIn(place.slice(0, depth) as string[], true) as { range?: [number, number, number] } | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  }
}

function withoutPosition(message: string): string {
  return message.replace(/ at line \d+, column \d+:?$/, '');
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const field = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const where = field ? ` in ${field}` : '';
    return `unknown key ${issue.keys.map(k => `"${k}"`).join(', ')}${where}`;
  }
  return field ? `${field}: ${issue.message}` : issue.message;
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
