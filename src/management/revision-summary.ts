import { type CommandDefinition, commandName } from './command.ts';
import { parameterTitle } from './parameter-reader.ts';

const maxSummary = 1000;

/** The command as an admin would type it, for the history: without secrets, long lists as a count. */
export function summarizeCommand(definition: CommandDefinition, parameters: Readonly<Record<string, unknown>>): string {
  const words = [commandName(definition)];
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    words.push(`-${parameterTitle(name)}`, definition.secrets.includes(name) ? '(secret)' : valueText(value));
  }
  return shortened(words.join(' '));
}

/** A summary as long as the history has it. */
export function shortened(text: string): string {
  return text.length <= maxSummary ? text : `${text.slice(0, maxSummary - 1)}…`;
}

function valueText(value: unknown): string {
  if (value === null) return '$Null';
  if (typeof value === 'boolean') return value ? '$true' : '$false';
  if (Array.isArray(value)) {
    return value.length > 5 ? `(${value.length.toLocaleString('en-US')} items)` : value.map(valueText).join(',');
  }
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  return /^[\w.:@*-]+$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
}
