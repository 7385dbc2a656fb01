import { z } from 'zod';
import type { Kind } from '../model/kind.ts';
import { switchParameter } from './parameter-kind.ts';

/** The settable attributes of a kind as parameters: required ones stay required only when `isNew`. */
export function attributeParameters(kind: Kind, isNew: boolean): Record<string, z.ZodType> {
  const parameters: Record<string, z.ZodType> = {};
  for (const [name, schema] of Object.entries(kind.schema.shape as Readonly<Record<string, z.ZodType>>)) {
    if (kind.computed.includes(name)) continue;
    const withDefault = schema instanceof z.ZodDefault ? schema : undefined;
    const inner = kind.parameters[name] ?? ((withDefault ? withDefault.unwrap() : schema) as z.ZodType);
    const field = isNew && !withDefault ? inner : inner.optional();
    parameters[name] = field.describe(attributeHelp(schema.description, isNew ? withDefault?.def.defaultValue : undefined));
  }
  for (const name of Object.keys(kind.switches)) parameters[name] = switchParameter('switch');
  return parameters;
}

function attributeHelp(help: string | undefined, defaultValue: unknown): string {
  const told = defaultValue === undefined || defaultValue === '' ? '' : `default ${JSON.stringify(defaultValue)}`;
  return [help, told].filter(Boolean).join('; ');
}

/** The attributes among parameters, those that a switch stands for included. */
export function attributesOf(kind: Kind, parameters: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const names = Object.keys(kind.schema.shape).filter(name => parameters[name] !== undefined);
  const attributes: Record<string, unknown> = Object.fromEntries(names.map(name => [name, parameters[name]]));
  for (const [name, meaning] of Object.entries(kind.switches)) if (parameters[name] === true) Object.assign(attributes, meaning);
  return attributes;
}
