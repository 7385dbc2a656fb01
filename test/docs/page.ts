import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of this checkout, with a slash at its end. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block of a page: what stands after the fence, and its text. */
export interface Block {
  /** `sh`, `text`, `yaml` … */
  readonly language: string;
  /** The rest of the fence's line, such as `exit=1`. */
  readonly note: string;
  readonly text: string;
  /** Line of the text's begin, from 1. */
  readonly line: number;
  /** Place of the text in the page. */
  readonly start: number;
  readonly end: number;
}

/** A page of the documentation. */
export interface Page {
  /** From the root of the checkout. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** Every page an admin or engineer reads. */
export function readPages(): readonly Page[] {
  const paths = [...globSync('*.md', { cwd: root }), ...globSync('docs/**/*.md', { cwd: root })].toSorted();
  return paths.map(readPage);
}

/** One page with its blocks. */
export function readPage(path: string): Page {
  const text = readFileSync(`${root}${path}`, 'utf8');
  return { path, text, blocks: blocksOf(text) };
}

function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(/^```(\w+) *([^\n]*)\n([^]*?)^```$/gm)].map(match => {
    const [, language = '', note = '', body = ''] = match;
    const start = match.index + match[0].indexOf('\n') + 1;
    const line = text.slice(0, start).split('\n').length;
    return { language, note: note.trim(), text: body, line, start, end: start + body.length };
  });
}

/** Output as pages are compared with it: numbers, times, widths and ids of failures differ from run to run, everything else may not. */
export function comparable(text: string): string {
  return text
    .replaceAll(/"id":"[0-9a-f]+"/g, '"id":"0"')
    .replaceAll(/\d+/g, '0')
    .replaceAll(/─+/g, '─')
    .replaceAll(/0(?:\.0)? s\b/g, '0 s')
    .split('\n')
    .map(line => line.replaceAll(/\s+/g, ' ').trim())
    .filter(line => line !== '')
    .join('\n');
}
