import { countOf } from '../base/count-text.ts';
import { failure } from '../base/failure.ts';
import { randomToken } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type ConfigurationKind, type ConfigurationObject, kindOf } from '../model/configuration-object.ts';
import type { Kind, NewObjectFacts, ObjectDraft, RuleOutcome } from '../model/kind.ts';
import type { ObjectChange } from '../store/store.ts';
import { attributesOf } from './attribute-parameters.ts';
import { type ChangePlan, planObjects } from './change-plan.ts';
import type { CommandContext } from './command-context.ts';
import { findForChange, findObject, ownerOf, readBody, resolveIdentity } from './kind-objects.ts';
import type { ManagementState } from './management-state.ts';
import { missingReference, takenFailure, useOf } from './object-references.ts';
import { parameterTitle } from './parameter-reader.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** Plans New: fails if the object exists. */
export function planNew(
  context: CommandContext,
  name: ConfigurationKind,
  state: ManagementState,
  parameters: Attributes,
): Result<ChangePlan> {
  const kind = kindOf(name);
  const owner = ownerOf(context, name, state.configuration);
  if (!owner.ok) return owner;
  const identity = resolveIdentity(context, kind, state.configuration, String(parameters.identity));
  if (!identity.ok) return identity;
  if (findObject(name, state.configuration, owner.value, identity.value)) {
    return err(failure('OBJECT_EXISTS', { noun: name, identity: identity.value }));
  }
  const attributes = attributesOf(kind, parameters);
  const facts = newObjectFacts(context, state, owner.value);
  const body = readBody(context, name, { ...attributes, ...kind.fill?.(facts) });
  if (!body.ok) return body;
  const draft = { owner: owner.value, identity: identity.value, body: body.value, given: new Set(Object.keys(attributes)) };
  const planned = planDraft(state, name, draft, null, `${capital(kind.title)} ${identity.value} created.`);
  if (!planned.ok || !identity.value.startsWith('tag:')) return planned;
  const grant = `parley Grant-${name} -Identity ADDRESS -PolicyName "${identity.value.slice(4)}"`;
  return ok(withNotices(planned.value, [`A user policy works only for users it is granted to: ${grant}.`]));
}

function newObjectFacts({ ports }: CommandContext, { configuration }: ManagementState, owner: string): NewObjectFacts {
  const isOwnOrganisation = ports.deployment === 'on-premises' && configuration.isFirstTenant(owner);
  return { isOwnOrganisation, token: () => randomToken(16) };
}

/** Plans Set: attributes that are not given stay. Fails if the object does not exist. */
export function planSet(
  context: CommandContext,
  name: ConfigurationKind,
  state: ManagementState,
  parameters: Attributes,
): Result<ChangePlan> {
  const kind = kindOf(name);
  const current = findForChange(context, name, state, String(parameters.identity));
  if (!current.ok) return current;
  const { identity, body: before } = current.value;
  const attributes = attributesOf(kind, parameters);
  const fixed = checkImmutable(kind, identity, before, attributes);
  if (!fixed.ok) return fixed;
  return planBody(context, name, state, current.value, attributes, `${capital(kind.title)} ${identity} changed.`);
}

/** Plans a change of some attributes of an object that was found. */
export function planBody(
  context: CommandContext,
  name: ConfigurationKind,
  state: ManagementState,
  { owner, identity, version, body: before }: ConfigurationObject,
  attributes: Attributes,
  message: string,
): Result<ChangePlan> {
  const body = readBody(context, name, { ...before, ...attributes });
  if (!body.ok) return body;
  const draft = { owner, identity, body: body.value, before, given: new Set(Object.keys(attributes)) };
  return planDraft(state, name, draft, version || null, message);
}

/** Plans Remove, which gives a global object its defaults again. Fails if the object does not exist, or is in use. */
export function planRemove(
  context: CommandContext,
  name: ConfigurationKind,
  state: ManagementState,
  typed: string,
): Result<ChangePlan> {
  const kind = kindOf(name);
  const current = findForChange(context, name, state, typed);
  if (!current.ok) return current;
  const { owner, identity, version } = current.value;
  const use = useOf(state.configuration, current.value);
  if (use !== undefined) return err(failure('OBJECT_IN_USE', { noun: name, identity, use }));
  const allowed = kind.removalRules?.(state, current.value) ?? ok<{ readonly notices?: readonly string[] }>({});
  if (!allowed.ok) return allowed;
  const change: ObjectChange = { kind: name, owner, identity, expectedVersion: version, body: null };
  if (kind.defaults !== undefined && identity === 'global') {
    // among several commands one that was made by an earlier of them is there, and has the version 0 too
    const isStored = state.configuration.find(name, owner, identity) !== undefined;
    return planObjects(isStored ? [change] : [], `${capital(kind.title)} ${identity} has its defaults again.`);
  }
  const notices = [...(allowed.value.notices ?? []), ...grantsLost(kind, state, owner, identity)];
  return planObjects([change], `${capital(kind.title)} ${identity} removed.`, notices);
}

function grantsLost({ name }: Kind, { users }: ManagementState, owner: string, identity: string): readonly string[] {
  if (!identity.startsWith('tag:')) return [];
  let granted = 0;
  for (const user of users.all()) if (user.tenant === owner && user.policies[name] === identity.slice(4)) granted++;
  return granted === 0
    ? []
    : [`${countOf(granted, 'user')} had it granted and now have the policy of the site or the global one.`];
}

/** Applies claims, references and rules of a kind to a draft and plans it. */
function planDraft(
  state: ManagementState,
  name: ConfigurationKind,
  draft: ObjectDraft<ConfigurationObject['body']>,
  expectedVersion: number | null,
  message: string,
): Result<ChangePlan> {
  const kind = kindOf(name);
  const { owner, identity, body } = draft;
  const drafted = { kind: name, owner, identity, version: 0, body } as ConfigurationObject;
  const wrong = takenFailure(state.configuration, drafted) ?? missingReference(state.configuration, kind, owner, body);
  if (wrong) return err(wrong);
  const allowed = kind.rules?.(state, draft) ?? ok<RuleOutcome<object>>({});
  if (!allowed.ok) return allowed;
  const { also = [], notices } = allowed.value;
  const changeOf = (of: { readonly identity: string; readonly body: object }, version: number | null) =>
    ({ kind: name, owner, identity: of.identity, expectedVersion: version, body: of.body }) as ObjectChange;
  const change = changeOf({ identity, body: allowed.value.body ?? body }, expectedVersion);
  return planObjects([change, ...also.map(object => changeOf(object, object.version))], message, notices);
}

function withNotices(plan: ChangePlan, notices: readonly string[]): ChangePlan {
  return { ...plan, notices: [...plan.notices, ...notices] };
}

function checkImmutable(kind: Kind, identity: string, before: Attributes, attributes: Attributes): Result<void> {
  const moved = kind.immutable.find(name => attributes[name] !== undefined && attributes[name] !== before[name]);
  if (moved === undefined) return ok(undefined);
  return err(failure('PARAMETER_IMMUTABLE', { noun: kind.name, identity, parameter: parameterTitle(moved) }));
}

function capital(title: string): string {
  return title.charAt(0).toUpperCase() + title.slice(1);
}
