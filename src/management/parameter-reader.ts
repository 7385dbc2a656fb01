import type { z } from 'zod';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type CommandDefinition, commandName } from './command.ts';
import { nearestWord } from './nearest-word.ts';
import { type ParameterKind, parameterKind } from './parameter-kind.ts';

/** PascalCase form of a parameter, as admins know it. */
export function parameterTitle(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/**
 * Brings parameters into the names and types of a definition: names match in any letter case, text that stands for a number or a
 * boolean is converted as PowerShell would, a single value stands for a list of one.
 * Fails with PARAMETER_UNKNOWN, PARAMETER_CONFLICT, PARAMETER_MISSING, PARAMETER_INVALID, FILTER_NOT_EVALUATED.
 */
export function readParameters(
  definition: CommandDefinition,
  given: Readonly<Record<string, unknown>>,
): Result<Readonly<Record<string, unknown>>> {
  const named = nameParameters(definition, given);
  if (!named.ok) return named;
  const parsed = definition.parameters.safeParse(named.value);
  if (parsed.success) {
    const { filter } = parsed.data;
    if (typeof filter === 'string' && isExpression(filter)) return err(failure('FILTER_NOT_EVALUATED', { filter }));
    return ok(parsed.data);
  }
  return err(parameterFailure(commandName(definition), parsed.error.issues, named.value));
}

/** Whether a filter is an expression of PowerShell: as a pattern it would match nothing, which reads as "there is none". */
function isExpression(filter: string): boolean {
  return /[{}]|(?:^|\s)-(?:i|c)?(?:eq|ne|gt|ge|lt|le|not|like|notlike|match|notmatch|contains|notcontains|in|notin|and|or|is|isnot)\b/i.test(
    filter,
  );
}

function nameParameters(
  definition: CommandDefinition,
  given: Readonly<Record<string, unknown>>,
): Result<Readonly<Record<string, unknown>>> {
  const command = commandName(definition);
  const names = Object.keys(definition.parameters.shape);
  const byLowerCase = new Map([...Object.entries(definition.aliases), ...names.map(name => [name.toLowerCase(), name] as const)]);
  const named: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    const lower = key.toLowerCase();
    const name = byLowerCase.get(lower);
    if (name === undefined) {
      const nearest = nearestWord(key, names.map(parameterTitle));
      const suggestion = nearest ? `, perhaps ${nearest}` : '';
      return err(failure('PARAMETER_UNKNOWN', { command, parameter: key, suggestion }));
    }
    if (Object.hasOwn(named, name)) {
      return err(failure('PARAMETER_CONFLICT', { command, first: key, second: parameterTitle(name) }));
    }
    named[name] = coerce(value, parameterKind(definition.parameters.shape[name] as z.core.$ZodType));
  }
  return ok(named);
}

function coerce(value: unknown, kind: ParameterKind): unknown {
  if (kind.type === 'list' && value !== undefined && value !== null && !Array.isArray(value)) return [value];
  if (typeof value !== 'string') return value;
  if (kind.type === 'number' && /^-?\d{1,15}$/.test(value.trim())) return Number(value);
  if (kind.type === 'boolean' && /^\$?(?:true|false)$/i.test(value)) return /true$/i.test(value);
  if (kind.nullable && /^\$null$/i.test(value)) return null;
  if (kind.words) return kind.words.find(word => word.toLowerCase() === value.toLowerCase()) ?? value;
  return value;
}

const types: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  boolean: '$true or $false',
  string: 'text',
  array: 'a list',
};

/** The failure for the first thing that is wrong with parameters, naming the parameter as the admin wrote it or should. */
export function parameterFailure(
  command: string,
  issues: readonly z.core.$ZodIssue[],
  given: Readonly<Record<string, unknown>>,
): Failure {
  const issue = issues[0];
  const name = String(issue?.path[0] ?? 'Parameters');
  if (issue && issue.path.length === 1 && given[name] === undefined) {
    return failure('PARAMETER_MISSING', { command, parameter: parameterTitle(name) });
  }
  const path = issue?.path ?? [];
  const place = path.filter(step => typeof step !== 'number').join('.') || 'parameters';
  const [, second] = path;
  const value = typeof second === 'number' && Array.isArray(given[name]) ? given[name][second] : given[name];
  const which = typeof value === 'string' && !/password/i.test(name) ? ` ("${value.slice(0, 100)}")` : '';
  const expected = issue?.code === 'invalid_type' ? types[issue.expected] : undefined;
  const message = (issue?.message ?? 'not valid').replace(/^Invalid (?:input|option): /, '');
  const problem = `${expected === undefined ? message : `expected ${expected}`}${which}`;
  return failure('PARAMETER_INVALID', { command, parameter: parameterTitle(place), problem });
}
