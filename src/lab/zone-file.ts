import { isIPv4, isIPv6 } from 'node:net';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';

/** One record of the lab's DNS. `SERVFAIL` and `TIMEOUT` make every question for the name and the names below it fail that way. */
export type ZoneRecord =
  | { readonly type: 'A' | 'AAAA' | 'CNAME' | 'TXT'; readonly name: string; readonly data: string }
  | {
      readonly type: 'SRV';
      readonly name: string;
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | { readonly type: 'SERVFAIL' | 'TIMEOUT'; readonly name: string };

const nameForm = /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;

/**
 * Reads a zone file: one `name type data` a line; `#` or `;` starts a comment.
 * Fails with ZONE_FILE_LINE, naming file, line and what was expected there.
 */
export function parseZoneFile(text: string, file: string): Result<readonly ZoneRecord[]> {
  const records: ZoneRecord[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = wordsOf(line);
    if (words.length === 0) continue;
    const record = parseRecord(words);
    if (typeof record === 'string')
      return err(failure('ZONE_FILE_LINE', { file, line: index + 1, problem: record, text: line.trim() }));
    records.push(record);
  }
  return ok(records);
}

/** The words of a line before any comment; double quotes hold words with spaces together. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/"[^"]*"|[^\s"#;]+|[#;]/g)) {
    if (word === '#' || word === ';') break;
    words.push(word.startsWith('"') ? word.slice(1, -1) : word);
  }
  return words;
}

/** The record of a line, or what is wrong with it. */
function parseRecord([name = '', type = '', ...data]: readonly string[]): ZoneRecord | string {
  const owner = canonical(name);
  if (!nameForm.test(owner)) return `"${name}" is not a DNS name`;
  const kind = type.toUpperCase();
  const [only = ''] = data;
  switch (kind) {
    case 'A':
      return data.length === 1 && isIPv4(only) ? { type: kind, name: owner, data: only } : 'A needs one IPv4 address';
    case 'AAAA':
      return data.length === 1 && isIPv6(only) ? { type: kind, name: owner, data: only } : 'AAAA needs one IPv6 address';
    case 'CNAME':
      return data.length === 1 && nameForm.test(canonical(only))
        ? { type: kind, name: owner, data: canonical(only) }
        : 'CNAME needs one DNS name';
    case 'TXT':
      return data.length === 0 ? 'TXT needs a text' : { type: kind, name: owner, data: data.join(' ') };
    case 'SRV':
      return parseSrv(owner, data);
    case 'SERVFAIL':
    case 'TIMEOUT':
      return data.length === 0 ? { type: kind, name: owner } : `${kind} takes no data`;
    default:
      return type === '' ? 'the type is missing' : `"${type}" is none of the types A, AAAA, CNAME, TXT, SRV, SERVFAIL, TIMEOUT`;
  }
}

function parseSrv(name: string, data: readonly string[]): ZoneRecord | string {
  const [priority, weight, port] = data.slice(0, 3).map(word => (/^\d{1,5}$/.test(word) ? Number(word) : Number.NaN));
  const target = data[3] === '.' ? '.' : canonical(data[3] ?? '');
  const numbersFit = [priority, weight, port].every(number => number !== undefined && number <= 65_535);
  if (data.length !== 4 || !numbersFit || !(target === '.' || nameForm.test(target))) {
    return 'SRV needs priority, weight, port and a target name';
  }
  return { type: 'SRV', name, priority: priority as number, weight: weight as number, port: port as number, target };
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
