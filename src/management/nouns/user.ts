import { z } from 'zod';
import { countOf } from '../../base/count-text.ts';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { UserId } from '../../model/names.ts';
import type { SealedCredential } from '../../store/store.ts';
import { changeUsers, type PlannedItem } from '../bulk-change.ts';
import { changeParameters } from '../change-parameters.ts';
import { type CommandDefinition, defineCommand, readResult } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { userView } from '../object-view.ts';
import { checkPassword, generatePassword } from '../password-generator.ts';
import { userAdministrators } from '../role.ts';
import { chooseTenantOrAll } from '../tenant-choice.ts';
import { userAttributeParameters, withAttributes } from '../user-attribute-parameters.ts';
import { changeExistingUsers, findUserForChange, userIdentities, withoutVersion } from '../user-change.ts';
import { findUser } from '../user-finder.ts';
import { effectivePolicyViews } from '../user-policies.ts';
import { wildcardMatcher } from '../wildcard.ts';
import { enableUserCommand } from './user-enable.ts';
import { findHome } from './user-references.ts';

const setUserCommand = defineCommand({
  verb: 'Set',
  noun: 'CsUser',
  kind: 'change',
  scope: 'tenant',
  roles: userAdministrators,
  summary: 'Changes users; Enabled $false suspends them and keeps everything they have.',
  parameters: z.object({
    identity: userIdentities,
    enabled: z.boolean().optional().describe('$false: suspended, cannot sign in'),
    displayName: z.string().max(256).optional().describe('name for people'),
    ...userAttributeParameters,
    ...changeParameters,
  }),
  example: '-Identity alice@contoso.com -Enabled $false',
  run(context, { identity, enabled, displayName, ...given }) {
    const done = enabled === undefined ? 'changed' : enabled ? 'enabled' : 'suspended';
    const change = { ...(enabled === undefined ? {} : { enabled }), ...(displayName === undefined ? {} : { displayName }) };
    return changeExistingUsers(context, identity, done, (_state, user) => ok(withAttributes({ ...user, ...change }, given)));
  },
});

const getUserCommand = defineCommand({
  verb: 'Get',
  noun: 'CsUser',
  kind: 'read',
  scope: 'tenant',
  roles: userAdministrators,
  summary: 'Shows a user, or all that match.',
  parameters: z.object({
    identity: z.string().optional().describe('address or display name; * stands for anything'),
    filter: z.string().optional().describe('pattern for address or display name; * stands for anything'),
    resultSize: z.int().min(1).max(1_000_000).optional().describe('show at most so many'),
  }),
  example: '-Identity alice@contoso.com',
  run: getUsers,
});

const getEffectivePolicyCommand = defineCommand({
  verb: 'Get',
  noun: 'CsEffectivePolicy',
  kind: 'read',
  scope: 'tenant',
  roles: userAdministrators,
  summary: 'Shows which policy of each kind governs a user: one that was granted, that of the site, or the global one.',
  parameters: z.object({ identity: z.string().min(1).max(512).describe('address or display name of the user') }),
  example: '-Identity alice@contoso.com',
  async run(context, { identity }) {
    const { configuration: state, users } = await context.readState();
    const tenant = chooseTenantOrAll(context, state);
    if (!tenant.ok) return tenant;
    const user = findUser(users, tenant.value, identity);
    if (!user.ok) return user;
    const { aor, version } = user.value;
    const { identities, notices } = effectivePolicyViews(state, user.value);
    return ok({ ...readResult([{ identity: aor, ...identities, version }], `The policies that govern ${aor}.`), notices });
  },
});

const disableUserCommand = defineCommand({
  verb: 'Disable',
  noun: 'CsUser',
  kind: 'change',
  scope: 'tenant',
  roles: userAdministrators,
  summary: 'Removes users with everything that belongs to them. To keep it all use Set-CsUser -Enabled $false.',
  parameters: z.object({ identity: userIdentities, ...changeParameters }),
  destroys: 'the user with grants, contacts and conferences',
  example: '-Identity alice@contoso.com -Confirm:$false',
  run: (context, { identity }) => changeExistingUsers(context, identity, 'removed', () => ok(null)),
});

const moveUserCommand = defineCommand({
  verb: 'Move',
  noun: 'CsUser',
  kind: 'change',
  scope: 'tenant',
  roles: userAdministrators,
  summary: 'Homes users in another pool, or at a provider that shares the address space.',
  parameters: z.object({
    identity: userIdentities,
    target: z.string().min(1).describe('FQDN of a pool, or ProxyFqdn of a hosting provider'),
    ...changeParameters,
  }),
  example: '-Identity alice@contoso.com -Target fe2.contoso.com',
  run: (context, { identity, target }) =>
    changeExistingUsers(context, identity, 'moved', ({ configuration }, user) => {
      const home = findHome(configuration, user.tenant, target);
      return home.ok ? ok({ ...user, ...home.value }) : home;
    }),
});

const setPasswordCommand = defineCommand({
  verb: 'Set',
  noun: 'CsUserPassword',
  kind: 'change',
  scope: 'tenant',
  roles: userAdministrators,
  summary: 'Sets the password of a user; clients signed in with the old one have to sign in again.',
  parameters: z.object({
    identity: z.string().min(1).max(512).describe('address or display name of the user'),
    password: z.string().max(1024).optional().describe('the new password; is never shown again'),
    generatePassword: z.boolean().optional().describe('make a password and show it once'),
    ...changeParameters,
  }),
  aliases: { generate: 'generatePassword' },
  secrets: ['password'],
  example: '-Identity alice@contoso.com -GeneratePassword $true',
  run: setPassword,
});

/** Everything on users: Enable, Set, Get, Disable, Move, and passwords. */
export const userCommands: readonly CommandDefinition[] = [
  enableUserCommand,
  setUserCommand,
  getUserCommand,
  getEffectivePolicyCommand,
  disableUserCommand,
  moveUserCommand,
  setPasswordCommand,
];

async function getUsers(
  context: CommandContext,
  {
    identity,
    filter,
    resultSize,
  }: { identity?: string | undefined; filter?: string | undefined; resultSize?: number | undefined },
) {
  const { configuration: state, users } = await context.readState();
  const tenant = chooseTenantOrAll(context, state);
  if (!tenant.ok) return tenant;
  if (identity !== undefined && !identity.includes('*')) {
    const user = findUser(users, tenant.value, identity);
    return user.ok ? ok(readResult([userView(state, user.value)], '1 user')) : user;
  }
  const matches = wildcardMatcher(identity ?? filter ?? '*');
  const found = [...users.all()]
    .filter(
      user => (tenant.value === undefined || user.tenant === tenant.value) && (matches(user.aor) || matches(user.displayName)),
    )
    .sort((a, b) => (a.aor < b.aor ? -1 : 1));
  const shown = found.slice(0, resultSize).map(user => userView(state, user));
  const message =
    shown.length < found.length
      ? `${countOf(found.length, 'user')}, the first ${shown.length} shown`
      : countOf(found.length, 'user');
  return ok(readResult(shown, message));
}

async function setPassword(
  context: CommandContext,
  parameters: { identity: string; password?: string | undefined; generatePassword?: boolean | undefined },
) {
  const { identity, password: given, generatePassword: generate } = parameters;
  const command = context.name;
  if (given === undefined && !generate) return err(failure('PARAMETER_MISSING', { command, parameter: 'Password' }));
  if (given !== undefined && generate) {
    return err(failure('PARAMETER_CONFLICT', { command, first: 'Password', second: 'GeneratePassword' }));
  }
  const password = checkPassword(given ?? generatePassword());
  if (!password.ok) return password;
  const sealedFor = new Map<UserId, SealedCredential>();
  return changeUsers(context, {
    items: [identity],
    nameOf: item => item,
    done: 'has a new password',
    plan(state, item): Result<PlannedItem> {
      const current = findUserForChange(context, state, item);
      if (!current.ok) return current;
      const user = current.value;
      const sealed = sealedFor.get(user.id) ?? context.ports.sealer.seal(user, password.value);
      sealedFor.set(user.id, sealed);
      const changed = { ...withoutVersion(user), credentialVersion: user.credentialVersion + 1 };
      const change = { id: user.id, expectedVersion: user.version, user: changed, sealedCredential: sealed };
      return ok({ identity: user.aor, change, ...(generate ? { password: password.value } : {}) });
    },
  });
}
