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

/** A table with aligned columns; the last column is not padded, so lines have no trailing blanks. */
export function tableText<R>(terminal: Terminal, columns: readonly Column<R>[], rows: readonly R[]): string {
  const cells = rows.map(row => columns.map(column => oneLine(column.text(row))));
  const widths = columns.map((column, i) => Math.max(column.title.length, ...cells.map(line => widthOf(line[i] as string))));
  const render = (line: readonly string[]) =>
    line
      .map((cell, i) => (i === line.length - 1 ? cell : cell + ' '.repeat((widths[i] as number) - widthOf(cell))))
      .join('  ')
      .trimEnd();
  const head = styled(terminal, 'bold', render(columns.map(column => column.title)));
  return [head, ...cells.map(render)].map(line => `${line}\n`).join('');
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
