import { z } from 'zod';
import { ok, type Result } from '../base/result.ts';
import { type ConfigurationKind, type ConfigurationObject, configurationKinds } from '../model/configuration-object.ts';
import { type ChangePlan, checkExpectedVersion, type ManagementState } from './change-plan.ts';
import { type CommandDefinition, defineCommand, readResult } from './command.ts';
import type { CommandContext } from './command-context.ts';
import type { ConfigurationState } from './configuration-state.ts';
import { findObject, ownerOf, planDraft, readBody } from './object-commands.ts';
import { attributeParameters, changeParameters, type ObjectNoun } from './object-noun.ts';
import { objectView } from './object-view.ts';
import { switchParameter } from './parameter-kind.ts';

/** A noun of which there is exactly one, `global`, with defaults until somebody sets it. */
export interface SingletonNoun<K extends ConfigurationKind>
  extends Pick<ObjectNoun<K>, 'kind' | 'title' | 'aliases' | 'help' | 'rules' | 'example'> {
  /** Switches of the original product, turned into attributes. */
  readonly switches?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Get- and Set- of a global object. */
export function singletonCommands<K extends ConfigurationKind>(noun: SingletonNoun<K>): readonly CommandDefinition[] {
  return [getSingleton(noun), setSingleton(noun)];
}

const identity = z
  .string()
  .regex(/^global$/i, 'expected Global: there is one')
  .optional()
  .describe('Global; may be left out');

function getSingleton<K extends ConfigurationKind>(noun: SingletonNoun<K>): CommandDefinition {
  return defineCommand({
    verb: 'Get',
    noun: noun.kind,
    kind: 'read',
    summary: `Shows the ${noun.title}.`,
    parameters: z.object({ identity }),
    async run(context) {
      const state = await context.configuration.read();
      const current = currentObject(context, noun.kind, state);
      return current.ok ? ok(readResult([objectView(state, current.value)], `The ${noun.title}.`)) : current;
    },
  });
}

function setSingleton<K extends ConfigurationKind>(noun: SingletonNoun<K>): CommandDefinition {
  const switches = Object.fromEntries(Object.keys(noun.switches ?? {}).map(name => [name, switchParameter('switch')]));
  return defineCommand({
    verb: 'Set',
    noun: noun.kind,
    kind: 'change',
    summary: `Changes the ${noun.title}; what is not given stays as it is.`,
    parameters: z.object({ identity, ...attributeParameters(noun, false), ...switches, ...changeParameters }),
    aliases: noun.aliases ?? {},
    example: noun.example,
    run: (context, parameters) => context.writer.change(context, state => planSingleton(context, noun, state, parameters)),
  });
}

function planSingleton<K extends ConfigurationKind>(
  context: CommandContext,
  noun: SingletonNoun<K>,
  state: ManagementState,
  parameters: Readonly<Record<string, unknown>>,
): Result<ChangePlan> {
  const current = currentObject(context, noun.kind, state.configuration);
  if (!current.ok) return current;
  const { owner, version, body: before } = current.value;
  const expected = checkExpectedVersion(context, noun.kind, 'global', version);
  if (!expected.ok) return expected;
  const attributes = withSwitches(noun, parameters);
  const body = readBody(context, noun.kind, { ...before, ...attributes });
  if (!body.ok) return body;
  const draft = { owner, identity: 'global', body: body.value, before, given: new Set(Object.keys(attributes)) };
  return planDraft(state, noun, draft, version === 0 ? null : version, `The ${noun.title} was changed.`);
}

function withSwitches<K extends ConfigurationKind>(noun: SingletonNoun<K>, parameters: Readonly<Record<string, unknown>>) {
  const names = Object.keys(configurationKinds[noun.kind].schema.shape).filter(name => parameters[name] !== undefined);
  const attributes: Record<string, unknown> = Object.fromEntries(names.map(name => [name, parameters[name]]));
  for (const [name, meaning] of Object.entries(noun.switches ?? {}))
    if (parameters[name] === true) Object.assign(attributes, meaning);
  return attributes;
}

/** The stored object, or one with the defaults and version 0. Fails with TENANT_REQUIRED or TENANT_UNKNOWN. */
function currentObject<K extends ConfigurationKind>(
  context: CommandContext,
  kind: K,
  state: ConfigurationState,
): Result<ConfigurationObject<K>> {
  const owner = ownerOf(context, kind, state);
  if (!owner.ok) return owner;
  return ok(findObject({ kind, implicitIdentity: 'global' }, state, owner.value, 'global') as ConfigurationObject<K>);
}
