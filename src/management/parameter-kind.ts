import { z } from 'zod';

/** What a parameter accepts, seen from the outside: for coercion, help and completion. */
export interface ParameterKind {
  readonly type: 'boolean' | 'number' | 'list' | 'object' | 'text';
  /** The allowed words of an enumeration. */
  readonly words?: readonly string[];
  readonly required: boolean;
  readonly nullable: boolean;
  /** Stands alone, and then is true. Any other boolean needs its value: a shell may have taken `$False` away. */
  readonly isSwitch: boolean;
  readonly help: string;
}

interface Definition {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly entries?: Readonly<Record<string, string>>;
}

const switches = z.registry<Record<string, never>>();

/** A parameter that may stand without a value, as a SwitchParameter of the original product does. */
export function switchParameter(help: string): z.ZodOptional<z.ZodBoolean> {
  return z.boolean().optional().describe(help).register(switches, {});
}

/** Reads a parameter's kind from its schema. */
export function parameterKind(schema: z.core.$ZodType): ParameterKind {
  let required = true;
  let nullable = false;
  let inner = schema;
  const isSwitch = switches.has(schema);
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
  return { required, nullable, isSwitch, help, ...typeOf(inner) };
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
