// What a zod schema says about a value, as plain text for a table of a page.
import { z } from 'zod';
import { aorField, fqdnField, sipDomainField } from '../../src/model/field.ts';
import { VerificationLevel } from '../../src/model/verification-level.ts';

const named = new Map([
  [fqdnField, 'host name'],
  [sipDomainField, 'domain'],
  [aorField, 'address'],
]);

/** Type, default and meaning of a schema: what wraps it is taken off, and the outermost description counts. */
export function describeSchema(schema) {
  let inner = schema;
  let meaning = '';
  let defaultValue;
  let isOptional = false;
  let isNullable = false;
  for (;;) {
    meaning ||= inner.description ?? '';
    const { type, innerType } = inner.def;
    if (type === 'default' || type === 'prefault') defaultValue = inner.def.defaultValue;
    if (type === 'optional') isOptional = true;
    if (type === 'nullable') isNullable = true;
    if (!innerType) break;
    inner = innerType;
  }
  return { inner, meaning, defaultValue, isOptional, isNullable };
}

/** The type of a value in words. */
export function typeText(schema) {
  const { inner, isNullable } = describeSchema(schema);
  const text = plainType(inner);
  return isNullable ? `${text}, or nothing` : text;
}

function plainType(inner) {
  for (const [field, name] of named) if (isSame(inner, field)) return name;
  const { type } = inner.def;
  switch (type) {
    case 'boolean':
      return 'true or false';
    case 'number':
    case 'int':
      return `${inner.minValue} to ${inner.maxValue}`;
    case 'enum':
      return isVerificationLevel(inner) ? 'verification level' : inner.options.map(code).join(', ');
    case 'literal':
      return [...inner.values].map(code).join(', ');
    case 'array':
      return `list of ${plural(typeText(inner.element))}`;
    case 'union':
      return plainType(describeSchema(inner.def.options[0]).inner);
    case 'pipe':
      return plainType(inner.def.in);
    case 'object':
      return Object.keys(inner.shape).length === 1 ? typeText(Object.values(inner.shape)[0]) : 'object';
    default:
      return inner instanceof z.ZodURL ? 'URL' : 'text';
  }
}

/** `describe` makes a copy that shares everything but the description. */
function isSame(schema, field) {
  return schema === field || (schema.def.type === 'pipe' && schema.def.out === field.def.out);
}

function isVerificationLevel(schema) {
  return schema.options.join() === VerificationLevel.options.join();
}

function plural(text) {
  return text.includes(',') || text === 'text' ? text : `${text}s`;
}

/** A default as it would be written. */
export function defaultText(value) {
  if (value === undefined) return '';
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return 'nothing';
  return Array.isArray(value) ? value.map(code).join(', ') : code(String(value));
}

/** Text in the shape of code. */
export function code(text) {
  return `\`${text}\``;
}

/** A Markdown table. */
export function table(columns, rows) {
  const line = cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), `|${columns.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

/** The first letter as a capital, and a full stop. */
export function sentence(text) {
  const capital = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
