import { printableJson } from '../base/printable.ts';

/** Longest text in a line, characters. */
const maxText = 500;
/** The stack of a fault is worth more. */
const maxStack = 4000;
const maxEntries = 20;
const maxDepth = 3;

/** A value as a line may hold it: long texts cut, with their length said; deep and long structures too. */
export function logValue(value: unknown, longest: number = maxText, depth: number = maxDepth): unknown {
  if (typeof value === 'string') return shortened(value, longest);
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : value;
  if (depth === 0) return '…';
  if (Array.isArray(value)) return value.slice(0, maxEntries).map(item => logValue(item, longest, depth - 1));
  const entries = Object.entries(value).slice(0, maxEntries);
  return Object.fromEntries(entries.map(([name, item]) => [shortened(name, 100), logValue(item, longest, depth - 1)]));
}

/** What a fault says of itself, in bounds. */
export function faultText(fault: unknown): string {
  return shortened(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault), maxStack);
}

function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length} characters)`;
}

/** A line that is longer for all its bounded values is told of by its beginning. */
const maxLine = 16_384;
const shownOfIt = 2_000;

/**
 * A line of JSON as it may reach a terminal: what JSON leaves raw and a terminal acts on is escaped (DEL, C1 controls, line and paragraph
 * separators, marks that turn the direction of writing).
 */
export function printableLine(line: string): string {
  const bounded = line.length <= maxLine ? line : tooLong(line);
  return printableJson(bounded);
}

function tooLong(line: string): string {
  return `${JSON.stringify({ level: 40, event: 'log-line-too-long', characters: line.length, begin: line.slice(0, shownOfIt) })}\n`;
}
