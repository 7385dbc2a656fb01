import { stripVTControlCharacters } from 'node:util';
import type { Terminal } from './terminal.ts';

/** Looks that a piece of text can have on a terminal. */
export type Look = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

const codes: Readonly<Record<Look, string>> = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33' };

/** Whether the output has looks: on a terminal, unless NO_COLOR is set; never in a pipe or a file. */
export function isStyled(terminal: Terminal): boolean {
  return terminal.isInteractive && (terminal.env.NO_COLOR ?? '') === '' && terminal.env.TERM !== 'dumb';
}

/** Text with a look where the output has any, else plain. */
export function styled(terminal: Terminal, look: Look, text: string): string {
  return isStyled(terminal) ? withLook(look, text) : text;
}

/** Bold text for a writer that takes looks off by itself where there may be none. */
export function bold(text: string): string {
  return withLook('bold', text);
}

function withLook(look: Look, text: string): string {
  return `\u001b[${codes[look]}m${text}\u001b[0m`;
}

/** A column of a table: its title and what it shows of a row. */
export interface Column<R> {
  readonly title: string;
  readonly text: (row: R) => string;
}

/** Below this width a last column is not worth wrapping. */
const minLastColumn = 24;

/**
 * A table with aligned columns; the last column is not padded, so lines have no trailing blanks. On a terminal that is too narrow titles take
 * several lines, then the last column is wrapped, and where that does not do each row becomes lines of its own; in a pipe a row is always
 * one line.
 */
export function tableText<R>(terminal: Terminal, columns: readonly Column<R>[], rows: readonly R[]): string {
  const titles = columns.map(column => column.title);
  const cells = rows.map(row => columns.map(column => oneLine(column.text(row))));
  const flat = layoutOf([titles], cells);
  if (!terminal.isInteractive || flat.width <= terminal.columns) return render(terminal, flat, cells);
  const stacked = layoutOf(stackedTitles(titles), cells);
  if (stacked.width <= terminal.columns || terminal.columns - stacked.indent >= minLastColumn)
    return render(terminal, stacked, cells);
  return cardsText(terminal, titles, cells);
}

interface Layout {
  /** Lines of the head. */
  readonly head: readonly (readonly string[])[];
  readonly widths: readonly number[];
  /** Where the last column begins. */
  readonly indent: number;
  readonly width: number;
}

function layoutOf(head: readonly (readonly string[])[], cells: readonly (readonly string[])[]): Layout {
  const columns = head[0] ?? [];
  const widths = columns.map(() => 0);
  for (const line of [...head, ...cells]) line.forEach((text, i) => (widths[i] = Math.max(widths[i] as number, widthOf(text))));
  const indent = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  return { head, widths, indent, width: indent + (widths.at(-1) ?? 0) };
}

/** Titles with one word a line, standing on the last one. */
function stackedTitles(titles: readonly string[]): readonly (readonly string[])[] {
  const words = titles.map(title => title.split(' '));
  const height = Math.max(...words.map(list => list.length));
  return Array.from({ length: height }, (_, line) => words.map(list => list[line - height + list.length] ?? ''));
}

function render(terminal: Terminal, { head, widths, indent, width }: Layout, cells: readonly (readonly string[])[]): string {
  const last = widths.length - 1;
  const line = (texts: readonly string[]) => {
    const padded = texts.slice(0, last).map((text, i) => text + ' '.repeat((widths[i] as number) - widthOf(text) + 2));
    const text = texts[last] as string;
    const isWrapped = terminal.isInteractive && width > terminal.columns;
    return `${(padded.join('') + (isWrapped ? hangingText(text, indent, terminal.columns) : text)).trimEnd()}\n`;
  };
  const headLines = head.map(texts => `${styled(terminal, 'bold', line(texts).trimEnd())}\n`);
  return [...headLines, ...cells.map(line)].join('');
}

function cardsText(terminal: Terminal, titles: readonly string[], cells: readonly (readonly string[])[]): string {
  const cards = cells.map(line =>
    objectText(
      terminal,
      titles.map((title, i) => [title, line[i]] as const),
    ),
  );
  return cards.join('\n');
}

/** Text wrapped at blanks where the output is a terminal; every line but the first, which begins at column `indent`, is indented. */
export function wrapped(terminal: Terminal, indent: number, text: string): string {
  return terminal.isInteractive ? hangingText(text, indent, terminal.columns) : text;
}

function hangingText(text: string, indent: number, columns: number): string {
  const room = Math.max(columns - indent, minLastColumn);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

/** One object as lines `name: value`. */
export function objectText(terminal: Terminal, attributes: readonly (readonly [string, unknown])[]): string {
  const width = Math.max(0, ...attributes.map(([name]) => name.length));
  return attributes
    .map(([name, value]) => `${styled(terminal, 'dim', name.padEnd(width))}  ${valueText(value)}`.trimEnd())
    .map(line => `${line}\n`)
    .join('');
}

/** A value for people: nothing as `-`, lists with commas. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(valueText).join(', ');
  if (typeof value === 'object') {
    const values = Object.values(value);
    return values.length === 1 ? valueText(values[0]) : JSON.stringify(value);
  }
  return oneLine(String(value));
}

/** Names and comments come from other people: control characters in them must not reach the terminal. */
export function oneLine(text: string): string {
  return stripKeepingLook(text).replace(/\p{Cc}/gu, character => (character === '\u001b' ? character : ' '));
}

/** Our own looks survive, every other escape sequence goes. */
function stripKeepingLook(text: string): string {
  if (!text.includes('\u001b')) return text;
  const ours = /^\u001b\[(?:1|2|31|32|33)m[^\u001b]*\u001b\[0m$/;
  return ours.test(text) ? text : stripVTControlCharacters(text).replaceAll('\u001b', '');
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** Writes a value as JSON with line end. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
