import { z } from 'zod';
import { ok, type Result } from '../base/result.ts';
import type { User } from '../model/user.ts';
import { changeUsers, type PlannedItem } from './bulk-change.ts';
import { checkExpectedVersion } from './change-plan.ts';
import type { CommandContext } from './command-context.ts';
import type { CommandResult } from './command-result.ts';
import type { ManagementState } from './management-state.ts';
import { chooseTenantOrAll } from './tenant-choice.ts';
import { findUser } from './user-finder.ts';

/** The parameter Identity of commands that take several users. */
export const userIdentities = z
  .array(z.string().min(1).max(512))
  .min(1)
  .max(100_000)
  .describe('address or display name of the user; several are possible');

/** What becomes of a user; null: removed. */
type UserEdit = (state: ManagementState, user: User) => Result<User | null>;

/** Changes users that are there, or removes those that `edit` makes null. `done` is the participle: `alice@contoso.com suspended`. */
export function changeExistingUsers(
  context: CommandContext,
  identity: readonly string[],
  done: string,
  edit: UserEdit,
): Promise<Result<CommandResult>> {
  return changeUsers(context, {
    items: identity,
    nameOf: item => item,
    done,
    check: state => chooseTenantOrAll(context, state.configuration),
    plan(state, item): Result<PlannedItem> {
      const current = findUserForChange(context, state, item);
      if (!current.ok) return current;
      const edited = edit(state, current.value);
      if (!edited.ok) return edited;
      const { id, version, aor } = current.value;
      return ok({ identity: aor, change: { id, expectedVersion: version, user: edited.value && withoutVersion(edited.value) } });
    },
  });
}

/** The user that an identity means, in the version that the caller has read. Fails as `findUser`, with TENANT_UNKNOWN or VERSION_STALE. */
export function findUserForChange(context: CommandContext, state: ManagementState, identity: string): Result<User> {
  const tenant = chooseTenantOrAll(context, state.configuration);
  if (!tenant.ok) return tenant;
  const user = findUser(state.users, tenant.value, identity);
  if (!user.ok) return user;
  const expected = checkExpectedVersion(context, 'CsUser', user.value.aor, user.value.version);
  return expected.ok ? user : expected;
}

/** A user as a change carries it. */
export function withoutVersion({ version: _, ...user }: User): Omit<User, 'version'> {
  return user;
}
