import type { z } from 'zod';
import { nearestWord } from '../management/nearest-word.ts';
import { EdgeServerConfiguration, FrontEndServerConfiguration } from './server-configuration.ts';

/** What is wrong in a configuration file: where, and in words. */
export interface ConfigurationProblem {
  readonly place: readonly PropertyKey[];
  readonly detail: string;
}

/** The part of a schema that says which keys it has. */
interface SchemaShape {
  readonly _zod: { readonly def: { readonly innerType?: SchemaShape; readonly element?: SchemaShape; readonly shape?: object } };
  /** Limits of a number. */
  readonly minValue?: number | null;
  readonly maxValue?: number | null;
}

/** The one problem to tell of several. A key that nobody knows comes first: a missing one is often the same, misspelt. */
export function worstProblem(issues: readonly z.core.$ZodIssue[], root: unknown): ConfigurationProblem {
  const unknown = issues.find(issue => issue.code === 'unrecognized_keys');
  if (unknown) {
    const [key = ''] = unknown.keys;
    const where = unknown.path.length > 0 ? ` in ${unknown.path.join('.')}` : '';
    const keys = keysAt(valueAt(root, ['role']), unknown.path);
    const nearest = nearestWord(key, keys);
    const hint = nearest ? `, perhaps "${nearest}"` : `; there are ${keys.join(', ')}`;
    return { place: [...unknown.path, key], detail: `unknown key "${key}"${where}${hint}` };
  }
  const issue = issues[0] as z.core.$ZodIssue;
  return { place: issue.path, detail: describe(issue, root) };
}

function describe(issue: z.core.$ZodIssue, root: unknown): string {
  const field = issue.path.join('.');
  if (field === '') return 'expected keys with values, such as "role: frontend"';
  if (issue.code === 'invalid_union') return `${field}: expected frontend or edge`;
  if (valueAt(root, issue.path) === undefined) return `${field} is missing`;
  return `${field}: ${expectation(issue, root)}`;
}

function valueAt(root: unknown, place: readonly PropertyKey[]): unknown {
  let at = root;
  for (const key of place) at = typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined;
  return at;
}

function expectation(issue: z.core.$ZodIssue, root: unknown): string {
  if (issue.code === 'invalid_value') return `expected ${issue.values.join(', ').replace(/, ([^,]*)$/, ' or $1')}`;
  const isOfNumber =
    issue.code === 'invalid_type' ? isNumber(issue.expected) : 'origin' in issue && isNumber(String(issue.origin));
  if (isOfNumber) return `expected a whole number${rangeOf(schemaAt(valueAt(root, ['role']), issue.path))}`;
  if (issue.code === 'invalid_type') return `expected ${types[issue.expected] ?? issue.expected}`;
  return issue.message.replace(/^(Invalid input|Too small|Too big): /, '');
}

const types: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys with values, set in below it',
};

function rangeOf(schema: SchemaShape | undefined): string {
  const { minValue, maxValue } = schema ? unwrapped(schema) : {};
  return typeof minValue === 'number' && typeof maxValue === 'number' ? ` from ${minValue} to ${maxValue}` : '';
}

function isNumber(origin: string): boolean {
  return origin === 'number' || origin === 'int';
}

/** The keys there are at a place of the configuration of a role. */
function keysAt(role: unknown, place: readonly PropertyKey[]): readonly string[] {
  const schema = schemaAt(role, place);
  return schema ? Object.keys(shapeOf(schema)) : [];
}

function schemaAt(role: unknown, place: readonly PropertyKey[]): SchemaShape | undefined {
  let schema: SchemaShape | undefined = role === 'edge' ? EdgeServerConfiguration : FrontEndServerConfiguration;
  for (const step of place) schema = schema && (shapeOf(schema)[String(step)] ?? unwrapped(schema)._zod.def.element);
  return schema;
}

function shapeOf(schema: SchemaShape): Readonly<Record<string, SchemaShape>> {
  return (unwrapped(schema)._zod.def.shape ?? {}) as Record<string, SchemaShape>;
}

function unwrapped(schema: SchemaShape): SchemaShape {
  const { innerType } = schema._zod.def;
  return innerType ? unwrapped(innerType) : schema;
}
