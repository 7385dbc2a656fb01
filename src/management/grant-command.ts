import { z } from 'zod';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type ConfigurationKind, kindOf } from '../model/configuration-object.ts';
import type { Kind } from '../model/kind.ts';
import type { User } from '../model/user.ts';
import { changeParameters } from './change-parameters.ts';
import type { ChangePlan } from './change-plan.ts';
import { type CommandDefinition, defineCommand } from './command.ts';
import type { CommandContext } from './command-context.ts';
import type { CommandResult } from './command-result.ts';
import { findForChange, ownerOf } from './kind-objects.ts';
import { planBody, planNew, planRemove } from './kind-plans.ts';
import type { ManagementState } from './management-state.ts';
import { switchParameter } from './parameter-kind.ts';
import { userAdministrators } from './role.ts';
import { changeExistingUsers, userIdentities } from './user-change.ts';
import { findPolicy } from './user-policies.ts';

interface GrantParameters {
  readonly identity?: readonly string[] | undefined;
  readonly global?: boolean | undefined;
  readonly policyName: string | null;
}

/** Grant-NOUN of a user policy: to users by name, to a site or to everybody by its values. */
export function grantCommand(name: ConfigurationKind, kind: Kind): CommandDefinition {
  return defineCommand({
    verb: 'Grant',
    noun: name,
    kind: 'change',
    scope: kind.owner,
    roles: userAdministrators,
    summary: `Grants ${/^[aeiou]/.test(kind.title) ? 'an' : 'a'} ${kind.title} to users, or gives the policy of a site or the global one its values; $Null takes it back.`,
    parameters: z.object({
      identity: userIdentities
        .optional()
        .describe('address or display name of the user; several are possible; or site:NAME, or Global'),
      global: switchParameter('everybody who has no nearer policy; the same as -Identity Global'),
      policyName: z
        .string()
        .nullable()
        .describe('name of a user policy, or $Null: the user, site or deployment is back to what it had without'),
      ...changeParameters,
    }),
    example: `-Identity alice@contoso.com -PolicyName ${kind.example.split(' ')[1] ?? ''}`,
    run: (context, parameters) => grant(context, name, parameters),
  });
}

async function grant(
  context: CommandContext,
  name: ConfigurationKind,
  { identity = [], global, policyName }: GrantParameters,
): Promise<Result<CommandResult>> {
  const command = context.name;
  const wanted = policyName === '' ? null : policyName;
  const scopes = [...(global ? ['global'] : []), ...identity.filter(isScope)];
  const [scope] = scopes;
  if (scope === undefined) {
    if (identity.length === 0) return err(failure('PARAMETER_MISSING', { command, parameter: 'Identity or -Global' }));
    return grantToUsers(context, name, identity, wanted);
  }
  if (scopes.length > 1 || identity.length > (global ? 0 : 1)) {
    return err(
      failure('PARAMETER_CONFLICT', { command, first: scope === 'global' ? 'Global' : scope, second: 'more identities' }),
    );
  }
  const { name: who, roles } = context.principal;
  if (!roles.includes('CsAdministrator')) {
    const reason = `what governs more than users named one by one needs the role CsAdministrator`;
    return err(failure('COMMAND_NOT_PERMITTED', { name: who, command, reason }));
  }
  return context.writer.change(context, state => planScope(context, name, state, scope, wanted));
}

/** `site:NAME` or `Global`: no user has such an address, and a display name can be given as an address. */
function isScope(identity: string): boolean {
  return /^(?:site:.*|global)$/i.test(identity.trim());
}

function grantToUsers(
  context: CommandContext,
  name: ConfigurationKind,
  identity: readonly string[],
  policyName: string | null,
): Promise<Result<CommandResult>> {
  const done = policyName === null ? 'back to the policy of the site or the global one' : `granted ${policyName}`;
  return changeExistingUsers(context, identity, done, ({ configuration }, user) => {
    if (policyName === null) return ok(withPolicy(user, name, undefined));
    const policy = findPolicy(configuration, name, user.tenant, policyName);
    return policy.ok ? ok(withPolicy(user, name, policy.value.identity.slice(4))) : policy;
  });
}

/** The user with a grant of one kind, or without. */
function withPolicy(user: User, name: string, policy: string | undefined): User {
  const { [name]: _, ...others } = user.policies;
  return { ...user, policies: policy === undefined ? others : { ...others, [name]: policy } };
}

/** The policy of a site, or the global one, gets the values of a user policy; it is made where there is none. */
function planScope(
  context: CommandContext,
  name: ConfigurationKind,
  state: ManagementState,
  scope: string,
  policyName: string | null,
): Result<ChangePlan> {
  if (policyName === null) return planRemove(context, name, state, scope);
  const owner = ownerOf(context, name, state.configuration);
  if (!owner.ok) return owner;
  const policy = findPolicy(state.configuration, name, owner.value, policyName);
  if (!policy.ok) return policy;
  const current = findForChange(context, name, state, scope);
  if (!current.ok) {
    if (current.error.code !== 'OBJECT_UNKNOWN') return current;
    return planNew(context, name, state, { ...policy.value.body, identity: scope });
  }
  const message = `The ${kindOf(name).title} ${current.value.identity} has the values of ${policyName}.`;
  return planBody(context, name, state, current.value, policy.value.body, message);
}
