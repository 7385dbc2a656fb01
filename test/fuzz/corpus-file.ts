import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One kept input. */
export interface CorpusEntry {
  readonly name: string;
  /** One character per byte. */
  readonly input: string;
}

const corpusFolder = fileURLToPath(new URL('./corpus', import.meta.url));

/**
 * An input as a text file: CRLF is a line break, a backslash is `\\`, every other byte that is no printable ASCII is `\xNN`, and a line break
 * ends the file whatever the input ends in. Files can be read, compared and written by hand.
 */
export function encodeInput(input: string): string {
  const text = input.replace(/\r\n|[^\x20-\x7e]|\\/g, found => {
    if (found === '\r\n') return '\n';
    return found === '\\' ? '\\\\' : `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `${text}\n`;
}

/** The input of such a file. */
export function decodeInput(text: string): string {
  return text
    .replace(/\n$/, '')
    .replace(/\n|\\\\|\\x([0-9a-f]{2})/g, (found, hex: string | undefined) =>
      hex === undefined ? (found === '\n' ? '\r\n' : '\\') : String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

/** What is kept of a kind: `sip`, `xml`, `http` and so on. */
export function readCorpus(kind: string): readonly CorpusEntry[] {
  const folder = join(corpusFolder, kind);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map(name => ({ name: `${kind}/${name}`, input: decodeInput(readFileSync(join(folder, name), 'latin1')) }));
}

/** Keeps an input; returns its file. */
export function keepInput(kind: string, input: string): string {
  const folder = join(corpusFolder, kind);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `found-${createHash('sha256').update(input, 'latin1').digest('hex').slice(0, 12)}.txt`);
  writeFileSync(file, encodeInput(input));
  return file;
}
