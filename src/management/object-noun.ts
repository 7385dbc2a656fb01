import { z } from 'zod';
import type { Result } from '../base/result.ts';
import { type ConfigurationBody, type ConfigurationKind, configurationKinds } from '../model/configuration-object.ts';
import type { ObjectChange } from '../store/store.ts';
import type { ManagementState } from './change-plan.ts';
import type { CommandContext } from './command-context.ts';
import type { ConfigurationState } from './configuration-state.ts';
import { switchParameter } from './parameter-kind.ts';

/** An object as it would be after a change, for a noun's rules. */
export interface ObjectDraft<K extends ConfigurationKind> {
  readonly owner: string;
  readonly identity: string;
  readonly body: ConfigurationBody<K>;
  /** The body before; undefined when the object is new. */
  readonly before?: ConfigurationBody<K>;
  /** Names of the parameters the caller gave. */
  readonly given: ReadonlySet<string>;
}

/** What a rule adds to an accepted change. */
export interface RuleOutcome {
  readonly notices?: readonly string[];
  /** Changes of other objects that belong to this one, in the same revision. */
  readonly also?: readonly ObjectChange[];
  /** Replaces the change itself. */
  readonly instead?: ObjectChange;
}

/** What the generic New, Set, Get and Remove need to know of a noun. */
export interface ObjectNoun<K extends ConfigurationKind> {
  readonly kind: K;
  /** For sentences: `allowed domain`. */
  readonly title: string;
  /** Schema of the identity as typed; its output is canonical. */
  readonly identity: z.ZodType<string>;
  readonly identityHelp: string;
  /** Identity Set and Remove mean when none is given. */
  readonly defaultIdentity?: string;
  /** Identity of an object that always exists: cannot be created, and Remove resets it. */
  readonly implicitIdentity?: string;
  /** Attributes that only the server sets. */
  readonly computed?: readonly string[];
  /** Attributes that stay as they were made. */
  readonly immutable?: readonly string[];
  readonly aliases?: Readonly<Record<string, string>>;
  /** Parameters that look different from the attribute they become. */
  readonly parameters?: Readonly<Record<string, z.ZodType>>;
  /** Help per attribute, where the schema of its kind has none. */
  readonly help?: Readonly<Record<string, string>>;
  /** Parameters of an example of New, PowerShell style. */
  readonly example: string;
  /** Parameters of an example of Set, where that of New would not do. */
  readonly exampleOfSet?: string;
  /** Destructive removal names what is lost. */
  readonly destroys?: string;
  /** Brings an identity into the form stored; the place for checks of the name itself. */
  resolveIdentity?(state: ConfigurationState, identity: string): Result<string>;
  /** Values of computed attributes of a new object. */
  fill?(context: CommandContext, state: ManagementState, owner: string): Readonly<Record<string, unknown>>;
  /** Checks between objects, on New and Set. */
  rules?(state: ManagementState, draft: ObjectDraft<K>): Result<RuleOutcome>;
  /** Checks before Remove. */
  removalRules?(state: ManagementState, owner: string, identity: string): Result<RuleOutcome>;
}

/** A name given by an admin: of a site, a provider, a tenant. */
export const nameField = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}*/\\]+$/u, 'expected a name without * / \\ and control characters');

/** The settable attributes of a kind as parameters: required ones stay required only when `isNew`. */
export function attributeParameters<K extends ConfigurationKind>(
  noun: Pick<ObjectNoun<K>, 'kind' | 'computed' | 'help' | 'parameters'>,
  isNew: boolean,
): Record<string, z.ZodType> {
  const shape = configurationKinds[noun.kind].schema.shape as Readonly<Record<string, z.ZodType>>;
  const parameters: Record<string, z.ZodType> = {};
  for (const [name, schema] of Object.entries(shape)) {
    if (noun.computed?.includes(name)) continue;
    const withDefault = schema instanceof z.ZodDefault ? schema : undefined;
    const inner = noun.parameters?.[name] ?? ((withDefault ? withDefault.unwrap() : schema) as z.ZodType);
    const field = isNew && !withDefault ? inner : inner.optional();
    parameters[name] = field.describe(
      attributeHelp(noun.help?.[name] ?? schema.description, isNew ? withDefault?.def.defaultValue : undefined),
    );
  }
  return parameters;
}

function attributeHelp(help: string | undefined, defaultValue: unknown): string {
  const told = defaultValue === undefined || defaultValue === '' ? '' : `default ${JSON.stringify(defaultValue)}`;
  return [help, told].filter(Boolean).join('; ');
}

/** Schema of whatIf, confirm and expectedVersion, which every change command takes. */
export const changeParameters = {
  whatIf: switchParameter('say what would change, change nothing'),
  confirm: switchParameter('$false: go ahead without asking'),
  expectedVersion: z.int().min(0).optional().describe('version of the object as it was read; another one is a conflict'),
};
