import { InvalidArgumentError } from 'commander';
import { bold } from './output.ts';

/** Reads `on` or `off`. */
export function parseSwitch(text: string): boolean {
  if (/^(?:on|yes|true)$/i.test(text)) return true;
  if (/^(?:off|no|false)$/i.test(text)) return false;
  throw new InvalidArgumentError('Expected on or off.');
}

/** Reads a whole number from 1 on. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1 on.');
  return Number(text);
}

/** Help text with examples below the options; the looks are taken off where the output is no terminal. */
export function examples(...lines: readonly string[]): string {
  return `\n${bold('Examples:')}\n${lines.map(line => `  parley ${line}`).join('\n')}`;
}
