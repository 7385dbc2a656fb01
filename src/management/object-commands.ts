import { z } from 'zod';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import {
  type ConfigurationBody,
  type ConfigurationKind,
  type ConfigurationObject,
  configurationKinds,
  deploymentOwner,
} from '../model/configuration-object.ts';
import type { ObjectChange } from '../store/store.ts';
import { type ChangePlan, checkExpectedVersion, type ManagementState, planObjects } from './change-plan.ts';
import { type CommandDefinition, countOf, defineCommand, readResult } from './command.ts';
import type { CommandContext } from './command-context.ts';
import type { ConfigurationState } from './configuration-state.ts';
import { attributeParameters, changeParameters, type ObjectDraft, type ObjectNoun, type RuleOutcome } from './object-noun.ts';
import { objectView } from './object-view.ts';
import { parameterFailure, parameterTitle } from './parameter-reader.ts';
import { chooseTenant, chooseTenantOrAll } from './tenant-choice.ts';
import { takenFailure } from './unique-claim.ts';
import { wildcardMatcher } from './wildcard.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** New-NOUN: fails if the object exists. */
export function newCommand<K extends ConfigurationKind>(noun: ObjectNoun<K>): CommandDefinition {
  return defineCommand({
    verb: 'New',
    noun: noun.kind,
    kind: 'change',
    summary: `Creates ${article(noun.title)}.`,
    parameters: z.object({
      identity: noun.identity.describe(noun.identityHelp),
      ...attributeParameters(noun, true),
      ...changeParameters,
    }),
    aliases: noun.aliases ?? {},
    example: noun.example,
    run: (context, parameters) => context.writer.change(context, state => planNew(context, noun, state, parameters)),
  });
}

/** Set-NOUN: fails if the object does not exist; attributes that are not given stay. */
export function setCommand<K extends ConfigurationKind>(noun: ObjectNoun<K>): CommandDefinition {
  return defineCommand({
    verb: 'Set',
    noun: noun.kind,
    kind: 'change',
    summary: `Changes ${article(noun.title)}; what is not given stays as it is.`,
    parameters: z.object({ identity: identityParameter(noun), ...attributeParameters(noun, false), ...changeParameters }),
    aliases: noun.aliases ?? {},
    example: noun.exampleOfSet ?? noun.example,
    run: (context, parameters) => context.writer.change(context, state => planSet(context, noun, state, parameters)),
  });
}

/** Get-NOUN: one by identity, or those whose identity matches a filter. */
export function getCommand<K extends ConfigurationKind>(noun: ObjectNoun<K>): CommandDefinition {
  return defineCommand({
    verb: 'Get',
    noun: noun.kind,
    kind: 'read',
    summary: `Shows ${article(noun.title)}, or all that match.`,
    parameters: z.object({
      identity: z.string().optional().describe(`${noun.identityHelp}; * stands for anything`),
      filter: z.string().optional().describe('pattern for the identity; * stands for anything'),
    }),
    example: identityExample(noun),
    async run(context, { identity, filter }) {
      const state = await context.configuration.read();
      const owner = noun.kind in deploymentKinds ? ok(deploymentOwner) : chooseTenantOrAll(context, state);
      if (!owner.ok) return owner;
      const all = listObjects(noun, state, owner.value).map(object => objectView(state, object));
      if (identity === undefined || identity.includes('*')) {
        const matches = wildcardMatcher(identity ?? filter ?? '*');
        const found = all.filter(view => matches(view.identity));
        return ok(readResult(found, countOf(found.length, noun.title)));
      }
      const named = canonicalIdentity(noun, state, identity);
      const wanted = named.ok ? named.value.toLowerCase() : identity.toLowerCase();
      const found = all.filter(view => view.identity.toLowerCase() === wanted);
      return found.length > 0 ? ok(readResult(found)) : err(failure('OBJECT_UNKNOWN', { noun: noun.kind, identity }));
    },
  });
}

/** Remove-NOUN: fails if the object does not exist. */
export function removeCommand<K extends ConfigurationKind>(noun: ObjectNoun<K>): CommandDefinition {
  return defineCommand({
    verb: 'Remove',
    noun: noun.kind,
    kind: 'change',
    summary: `Removes ${article(noun.title)}.`,
    parameters: z.object({ identity: identityParameter(noun), ...changeParameters }),
    ...(noun.destroys ? { destroys: noun.destroys } : {}),
    example: identityExample(noun),
    run: (context, { identity }) => context.writer.change(context, state => planRemove(context, noun, state, identity)),
  });
}

/** The first parameter of the example of New: the identity. */
function identityExample({ example }: Pick<ObjectNoun<ConfigurationKind>, 'example'>): string {
  return example.split(' ').slice(0, 2).join(' ');
}

const deploymentKinds = Object.fromEntries(
  Object.entries(configurationKinds).filter(([, definition]) => definition.owner === 'deployment'),
);

function identityParameter<K extends ConfigurationKind>(noun: ObjectNoun<K>): z.ZodType<string> {
  const schema = noun.identity.describe(noun.identityHelp);
  return noun.defaultIdentity === undefined ? schema : schema.default(noun.defaultIdentity);
}

/** Who owns the objects of a noun that this command is about. */
export function ownerOf(context: CommandContext, kind: ConfigurationKind, state: ConfigurationState): Result<string> {
  return kind in deploymentKinds ? ok(deploymentOwner) : chooseTenant(context, state);
}

function canonicalIdentity<K extends ConfigurationKind>(
  noun: ObjectNoun<K>,
  state: ConfigurationState,
  identity: string,
): Result<string> {
  const parsed = noun.identity.safeParse(identity);
  if (!parsed.success) return err(parameterFailure(`Get-${noun.kind}`, parsed.error.issues, { identity }));
  return noun.resolveIdentity?.(state, parsed.data) ?? ok(parsed.data);
}

function planNew<K extends ConfigurationKind>(
  context: CommandContext,
  noun: ObjectNoun<K>,
  state: ManagementState,
  parameters: Attributes,
): Result<ChangePlan> {
  const owner = ownerOf(context, noun.kind, state.configuration);
  if (!owner.ok) return owner;
  const typed = String(parameters.identity);
  const identity = noun.resolveIdentity?.(state.configuration, typed) ?? ok(typed);
  if (!identity.ok) return identity;
  if (findObject(noun, state.configuration, owner.value, identity.value)) {
    return err(failure('OBJECT_EXISTS', { noun: noun.kind, identity: identity.value }));
  }
  const { attributes, given } = attributesOf(noun, parameters);
  const filled = { ...attributes, ...noun.fill?.(context, state, owner.value) };
  const body = readBody(context, noun.kind, filled);
  if (!body.ok) return body;
  const draft = { owner: owner.value, identity: identity.value, body: body.value, given };
  return planDraft(state, noun, draft, null, `${capital(noun.title)} ${identity.value} created.`);
}

function planSet<K extends ConfigurationKind>(
  context: CommandContext,
  noun: ObjectNoun<K>,
  state: ManagementState,
  parameters: Attributes,
): Result<ChangePlan> {
  const current = findForChange(context, noun, state, String(parameters.identity));
  if (!current.ok) return current;
  const { owner, identity, version, body: before } = current.value;
  const { attributes, given } = attributesOf(noun, parameters);
  const fixed = checkImmutable(noun, identity, before, attributes);
  if (!fixed.ok) return fixed;
  const body = readBody(context, noun.kind, { ...before, ...attributes });
  if (!body.ok) return body;
  const draft = { owner, identity, body: body.value, before, given };
  return planDraft(state, noun, draft, version || null, `${capital(noun.title)} ${identity} changed.`);
}

function planRemove<K extends ConfigurationKind>(
  context: CommandContext,
  noun: ObjectNoun<K>,
  state: ManagementState,
  typed: string,
): Result<ChangePlan> {
  const current = findForChange(context, noun, state, typed);
  if (!current.ok) return current;
  const { owner, identity, version } = current.value;
  const allowed = noun.removalRules?.(state, owner, identity) ?? ok<RuleOutcome>({});
  if (!allowed.ok) return allowed;
  const change: ObjectChange = { kind: noun.kind, owner, identity, expectedVersion: version, body: null };
  if (identity === noun.implicitIdentity) {
    return planObjects(version === 0 ? [] : [change], `${capital(noun.title)} ${identity} has its defaults again.`);
  }
  const message = `${capital(noun.title)} ${identity} removed.`;
  return planObjects([change, ...(allowed.value.also ?? [])], message, allowed.value.notices);
}

/** The object a Set or Remove means, at the version the caller expects. Fails with OBJECT_UNKNOWN or VERSION_STALE. */
export function findForChange<K extends ConfigurationKind>(
  context: CommandContext,
  noun: ObjectNoun<K>,
  state: ManagementState,
  typed: string,
): Result<ConfigurationObject<K>> {
  const owner = ownerOf(context, noun.kind, state.configuration);
  if (!owner.ok) return owner;
  const identity = noun.resolveIdentity?.(state.configuration, typed) ?? ok(typed);
  if (!identity.ok) return identity;
  const object = findObject(noun, state.configuration, owner.value, identity.value);
  if (!object) return err(failure('OBJECT_UNKNOWN', { noun: noun.kind, identity: identity.value }));
  const expected = checkExpectedVersion(context, noun.kind, object.identity, object.version);
  return expected.ok ? ok(object) : expected;
}

/** A stored object, or the implicit one with its defaults and version 0. */
export function findObject<K extends ConfigurationKind>(
  noun: Pick<ObjectNoun<K>, 'kind' | 'implicitIdentity'>,
  state: ConfigurationState,
  owner: string,
  identity: string,
): ConfigurationObject<K> | undefined {
  const stored = state.find(noun.kind, owner, identity);
  if (stored || identity !== noun.implicitIdentity) return stored;
  const body = configurationKinds[noun.kind].schema.parse({}) as unknown as ConfigurationBody<K>;
  return { kind: noun.kind, owner: owner as ConfigurationObject['owner'], identity, version: 0, body };
}

function listObjects<K extends ConfigurationKind>(
  noun: ObjectNoun<K>,
  state: ConfigurationState,
  owner: string | undefined,
): readonly ConfigurationObject<K>[] {
  const stored = state.list(noun.kind, owner);
  const implicit = noun.implicitIdentity;
  if (implicit === undefined) return stored;
  const owners = owner === undefined ? state.tenants().map(tenant => tenant.id) : [owner];
  const missing = owners.filter(of => !state.find(noun.kind, of, implicit));
  return [...missing.flatMap(of => findObject(noun, state, of, implicit) ?? []), ...stored];
}

/** Applies the claims and rules of a noun to a draft and plans it. */
export function planDraft<K extends ConfigurationKind>(
  state: ManagementState,
  noun: Pick<ObjectNoun<K>, 'kind' | 'rules'>,
  draft: ObjectDraft<K>,
  expectedVersion: number | null,
  message: string,
): Result<ChangePlan> {
  const { owner, identity, body } = draft;
  const taken = takenFailure(state.configuration, { kind: noun.kind, owner, identity, version: 0, body } as ConfigurationObject);
  if (taken) return err(taken);
  const allowed = noun.rules?.(state, draft) ?? ok<RuleOutcome>({});
  if (!allowed.ok) return allowed;
  const change: ObjectChange = {
    kind: noun.kind,
    owner,
    identity,
    expectedVersion,
    body: body as ConfigurationBody<ConfigurationKind>,
  };
  return planObjects([allowed.value.instead ?? change, ...(allowed.value.also ?? [])], message, allowed.value.notices);
}

/** Validates a whole body against the schema of its kind. Fails with PARAMETER_INVALID or PARAMETER_MISSING. */
export function readBody<K extends ConfigurationKind>(
  context: CommandContext,
  kind: K,
  attributes: Attributes,
): Result<ConfigurationBody<K>> {
  const parsed = configurationKinds[kind].schema.safeParse(attributes);
  if (parsed.success) return ok(parsed.data as unknown as ConfigurationBody<K>);
  return err(parameterFailure(context.name, parsed.error.issues, attributes));
}

function attributesOf<K extends ConfigurationKind>(noun: ObjectNoun<K>, parameters: Attributes) {
  const names = Object.keys(configurationKinds[noun.kind].schema.shape).filter(name => parameters[name] !== undefined);
  const attributes: Attributes = Object.fromEntries(names.map(name => [name, parameters[name]]));
  return { attributes, given: new Set(names) };
}

function checkImmutable<K extends ConfigurationKind>(
  noun: ObjectNoun<K>,
  identity: string,
  before: ConfigurationBody<K>,
  attributes: Attributes,
): Result<void> {
  const current = before as Attributes;
  const moved = noun.immutable?.find(name => attributes[name] !== undefined && attributes[name] !== current[name]);
  if (moved === undefined) return ok(undefined);
  return err(failure('PARAMETER_IMMUTABLE', { noun: noun.kind, identity, parameter: parameterTitle(moved) }));
}

function article(title: string): string {
  return `${/^[aeiouAEIOU]/.test(title) ? 'an' : 'a'} ${title}`;
}

function capital(title: string): string {
  return title.charAt(0).toUpperCase() + title.slice(1);
}
