import type { z } from 'zod';
import { countOf } from '../base/count-text.ts';
import type { Result } from '../base/result.ts';
import type { CommandContext } from './command-context.ts';
import type { CommandResult, ObjectView } from './command-result.ts';
import type { RoleName } from './role.ts';

/** One command as it arrives from the API, the shell or the panel: a Lync verb and noun with parameters by name. */
export interface Command {
  readonly verb: string;
  readonly noun: string;
  /** Names in any letter case; values as JSON has them. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Name or id of the tenant meant; not needed where there is one tenant. */
  readonly tenant?: string;
}

/** A command of the table: how its parameters look and what it does. */
export interface CommandDefinition {
  readonly verb: string;
  readonly noun: string;
  /** `action`: it changes nothing that is stored, and can be no part of a larger change. */
  readonly kind: 'read' | 'change' | 'action';
  /** A change that asks others first, such as DNS: among several it would keep everybody's changes waiting, so it is no part of a larger one. */
  readonly asksOthers?: boolean;
  /** `tenant`: it sees and changes what belongs to tenants; `deployment`: it is for those who have the whole deployment. */
  readonly scope: 'tenant' | 'deployment';
  /** Roles that may run it, beside CsAdministrator, which may run all. */
  readonly roles: readonly RoleName[];
  readonly summary: string;
  readonly parameters: z.ZodObject;
  /** Other names of parameters, lower-case, as runbooks of the original product have them. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Parameters that may never be shown, logged or stored. */
  readonly secrets: readonly string[];
  /** A destructive command names what is lost; it runs only with Confirm = false. */
  readonly destroys?: string;
  readonly example: string;
  run(context: CommandContext, parameters: Readonly<Record<string, unknown>>): Promise<Result<CommandResult>>;
}

interface CommandSpecification<S extends z.ZodObject> {
  readonly verb: string;
  readonly noun: string;
  readonly kind: 'read' | 'change' | 'action';
  readonly asksOthers?: boolean;
  /** Absent: `deployment`. */
  readonly scope?: 'tenant' | 'deployment';
  readonly roles?: readonly RoleName[];
  readonly summary: string;
  readonly parameters: S;
  readonly aliases?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly destroys?: string;
  /** Parameters of an example call, PowerShell style. */
  readonly example?: string;
  readonly run: (context: CommandContext, parameters: z.output<S>) => Promise<Result<CommandResult>>;
}

/** Makes an entry of the command table; `run` only ever sees parameters that passed the schema. */
export function defineCommand<S extends z.ZodObject>(specification: CommandSpecification<S>): CommandDefinition {
  const { verb, noun, run } = specification;
  return Object.freeze({
    ...specification,
    scope: specification.scope ?? 'deployment',
    roles: specification.roles ?? [],
    aliases: specification.aliases ?? {},
    secrets: specification.secrets ?? [],
    example: `${verb}-${noun} ${specification.example ?? ''}`.trim(),
    run: (context: CommandContext, parameters: Readonly<Record<string, unknown>>) => run(context, parameters as z.output<S>),
  });
}

/** The name of a command, `Verb-CsNoun`. */
export function commandName(of: { readonly verb: string; readonly noun: string }): string {
  return `${of.verb}-${of.noun}`;
}

/** A result that only shows objects. */
export function readResult(objects: readonly ObjectView[], message?: string): CommandResult {
  return { kind: 'read', objects, message: message ?? countOf(objects.length, 'object'), notices: [] };
}
