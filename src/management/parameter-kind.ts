import type { z } from 'zod';

/** What a parameter accepts, seen from the outside: for coercion, help and completion. */
export interface ParameterKind {
  readonly type: 'boolean' | 'number' | 'list' | 'object' | 'text';
  /** The allowed words of an enumeration. */
  readonly words?: readonly string[];
  readonly required: boolean;
  readonly nullable: boolean;
  readonly help: string;
}

interface Definition {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly entries?: Readonly<Record<string, string>>;
}

/** Reads a parameter's kind from its schema. */
export function parameterKind(schema: z.core.$ZodType): ParameterKind {
  let required = true;
  let nullable = false;
  let inner = schema;
  let help = helpOf(inner);
  for (;;) {
    const definition = definitionOf(inner);
    if (definition.type === 'optional' || definition.type === 'default') required = false;
    if (definition.type === 'nullable') nullable = true;
    const next = definition.innerType ?? definition.in;
    if (!next) break;
    inner = next;
    help ||= helpOf(inner);
  }
  return { required, nullable, help, ...typeOf(inner) };
}

function typeOf(schema: z.core.$ZodType): Pick<ParameterKind, 'type' | 'words'> {
  const definition = definitionOf(schema);
  switch (definition.type) {
    case 'boolean':
      return { type: 'boolean' };
    case 'number':
    case 'int':
      return { type: 'number' };
    case 'array':
      return { type: 'list' };
    case 'object':
      return { type: 'object' };
    case 'enum':
      return { type: 'text', words: Object.values(definition.entries ?? {}) };
    case 'union':
      return { type: 'text' };
    default:
      return { type: 'text' };
  }
}

function definitionOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

function helpOf(schema: z.core.$ZodType): string {
  return (schema as z.ZodType).description ?? '';
}
