import type { AnsweredObject, CommandAnswer } from './api-client.ts';
import { type Column, objectText, oneLine, styled, tableText, valueText } from './output.ts';
import type { Terminal } from './terminal.ts';

/** How an answer's objects are shown: the attributes that become columns, or a function of its own. */
export type Present = readonly string[] | ((terminal: Terminal, answer: CommandAnswer) => void);

/** Attributes without use in a list of everything. */
const hiddenInTables = new Set(['version', 'proofToken', 'markForMonitoring', 'changes', 'steps']);
const maxColumns = 7;

/** Prints the answer of a command as text. */
export function printAnswer(terminal: Terminal, answer: CommandAnswer, present?: Present): void {
  if (typeof present === 'function') present(terminal, answer);
  else if (answer.kind === 'read') printObjects(terminal, answer, present);
  else printChange(terminal, answer);
  for (const notice of answer.notices) terminal.out(`${styled(terminal, 'yellow', 'Note:')} ${oneLine(notice)}\n`);
}

function printObjects(terminal: Terminal, { objects, message }: CommandAnswer, columns: readonly string[] | undefined): void {
  const [only] = objects;
  if (!only) terminal.out(`${oneLine(message)}\n`);
  else if (objects.length === 1 && !columns) terminal.out(objectText(terminal, Object.entries(only)));
  else terminal.out(columnsText(terminal, columns ?? commonAttributes(objects), objects));
}

/** A table of the named attributes; empty text for no objects. */
export function columnsText(terminal: Terminal, names: readonly string[], objects: readonly AnsweredObject[]): string {
  return objects.length === 0 ? '' : tableText(terminal, columnsOf(names), objects);
}

function commonAttributes(objects: readonly AnsweredObject[]): readonly string[] {
  const names = [...new Set(objects.flatMap(object => Object.keys(object)))];
  return names.filter(name => !hiddenInTables.has(name)).slice(0, maxColumns);
}

function columnsOf(names: readonly string[]): readonly Column<AnsweredObject>[] {
  return names.map(name => ({ title: titleOf(name), text: object => valueText(object[name]) }));
}

/** `externalAccessPolicy` as `External access policy`. */
function titleOf(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function printChange(terminal: Terminal, { message, items, changes }: CommandAnswer): void {
  for (const item of items ?? []) {
    if (item.failure) {
      const { text, fix } = item.failure;
      terminal.error(`${styled(terminal, 'red', oneLine(item.identity))}: ${oneLine(text)} ${oneLine(fix)}\n`);
    }
  }
  terminal.out(`${oneLine(message)}\n`);
  for (const item of items ?? []) {
    if (item.password !== undefined) terminal.out(`Password of ${oneLine(item.identity)}: ${item.password}  (shown this once)\n`);
  }
  for (const change of changes ?? []) printDifference(terminal, change);
}

function printDifference(terminal: Terminal, change: NonNullable<CommandAnswer['changes']>[number]): void {
  const before = (change.before ?? {}) as Readonly<Record<string, unknown>>;
  const after = (change.after ?? {}) as Readonly<Record<string, unknown>>;
  const verb = !change.before ? 'create' : change.after ? 'change' : 'remove';
  terminal.out(`  ${verb} ${change.noun} ${oneLine(change.identity)}\n`);
  if (verb !== 'change') return;
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (JSON.stringify(before[name]) === JSON.stringify(after[name])) continue;
    terminal.out(`    ${name}: ${valueText(before[name])} -> ${valueText(after[name])}\n`);
  }
}
