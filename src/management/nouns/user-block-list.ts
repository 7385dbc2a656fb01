import { z } from 'zod';
import { countOf } from '../../base/count-text.ts';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { parseAor, parseSipDomain } from '../../model/names.ts';
import { type BlockedSender, maxBlockedSenders, type User } from '../../model/user.ts';
import { changeParameters } from '../change-parameters.ts';
import { type CommandDefinition, defineCommand, readResult } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { blockListView } from '../object-view.ts';
import { userAdministrators } from '../role.ts';
import { chooseTenantOrAll } from '../tenant-choice.ts';
import { changeExistingUsers, userIdentities } from '../user-change.ts';
import { findUser } from '../user-finder.ts';

const entries = z.array(z.string().min(1).max(512)).max(maxBlockedSenders);

/** What is meant for a whole domain and is, to SIP, the address of one user called `*`. */
const everybodyAt = /^\s*(?:sips?:)?\*@/i;

const SetParameters = z.object({
  identity: userIdentities,
  add: entries.optional().describe('addresses, or domains for everybody in them, to be blocked as well'),
  remove: entries.optional().describe('entries to be taken off'),
  blockedSenders: entries.nullable().optional().describe('the whole list, in place of the one there is; $Null: nobody'),
  ...changeParameters,
});
type SetParameters = z.output<typeof SetParameters>;

const setBlockListCommand = defineCommand({
  verb: 'Set',
  noun: 'CsUserBlockList',
  kind: 'change',
  scope: 'tenant',
  roles: userAdministrators,
  summary: "Changes users' own block lists: to whom they hold, the user looks offline and cannot be reached.",
  parameters: SetParameters,
  example: '-Identity alice@contoso.com -Add mallory@fabrikam.com,northwind.com',
  run: setBlockList,
});

const getBlockListCommand = defineCommand({
  verb: 'Get',
  noun: 'CsUserBlockList',
  kind: 'read',
  scope: 'tenant',
  roles: userAdministrators,
  summary: "Shows a user's own block list.",
  parameters: z.object({ identity: z.string().min(1).max(512).describe('address or display name of the user') }),
  example: '-Identity alice@contoso.com',
  run: getBlockList,
});

/** A user's own block list: Set-CsUserBlockList and Get-CsUserBlockList. */
export const userBlockListCommands: readonly CommandDefinition[] = [setBlockListCommand, getBlockListCommand];

async function setBlockList(context: CommandContext, { identity, add, remove, blockedSenders }: SetParameters) {
  const command = context.name;
  if (blockedSenders !== undefined && (add ?? remove) !== undefined) {
    return err(failure('PARAMETER_CONFLICT', { command, first: 'BlockedSenders', second: add ? 'Add' : 'Remove' }));
  }
  if (blockedSenders === undefined && (add ?? remove) === undefined) {
    return err(failure('PARAMETER_MISSING', { command, parameter: 'Add or -Remove' }));
  }
  const pattern = [...(add ?? []), ...(blockedSenders ?? [])].find(text => everybodyAt.test(text));
  if (pattern !== undefined) {
    return err(failure('BLOCK_LIST_PATTERN', { entry: pattern, domain: pattern.replace(everybodyAt, '') }));
  }
  const whole = blockedSenders === undefined ? ok(undefined) : readEntries(blockedSenders ?? []);
  if (!whole.ok) return whole;
  const added = readEntries(add ?? []);
  if (!added.ok) return added;
  const removed = readEntries(remove ?? []);
  if (!removed.ok) return removed;
  const change = [said('blocks', added.value), said('does not block', removed.value)].filter(Boolean).join(' and ');
  const done = identity.length > 1 || whole.value ? 'with another block list' : change;
  return changeExistingUsers(context, identity, done, (_state, user) => {
    const list = new Set(whole.value ?? user.blockedSenders);
    for (const entry of added.value) list.add(entry);
    for (const entry of removed.value) list.delete(entry);
    return withBlockList(user, list);
  });
}

/** Fails with BLOCK_LIST_FULL or BLOCK_LIST_OWN_ADDRESS. */
function withBlockList(user: User, list: ReadonlySet<BlockedSender>): Result<User> {
  if (list.has(user.aor)) return err(failure('BLOCK_LIST_OWN_ADDRESS', { user: user.aor }));
  if (list.size > maxBlockedSenders) {
    return err(failure('BLOCK_LIST_FULL', { user: user.aor, count: list.size, limit: maxBlockedSenders }));
  }
  const { blockedSenders: _, ...rest } = user;
  return ok(list.size === 0 ? rest : { ...rest, blockedSenders: [...list].sort() });
}

/** Fails with ADDRESS_INVALID or NAME_INVALID. */
function readEntries(texts: readonly string[]): Result<readonly BlockedSender[]> {
  const read: BlockedSender[] = [];
  for (const text of texts) {
    const entry = text.includes('@') ? parseAor(text.trim()) : parseSipDomain(text.trim());
    if (!entry.ok) return entry;
    read.push(entry.value);
  }
  return ok(read);
}

function said(verb: string, of: readonly BlockedSender[]): string {
  if (of.length === 0) return '';
  return `${verb} ${of.length > 3 ? `${of.length} entries` : of.join(', ')}`;
}

async function getBlockList(context: CommandContext, { identity }: { identity: string }) {
  const { configuration: state, users } = await context.readState();
  const tenant = chooseTenantOrAll(context, state);
  if (!tenant.ok) return tenant;
  const user = findUser(users, tenant.value, identity);
  if (!user.ok) return user;
  const { aor, blockedSenders } = user.value;
  const message = blockedSenders
    ? `${aor} has ${countOf(blockedSenders.length, 'entry')} on the block list.`
    : `${aor} has blocked nobody.`;
  return ok(readResult([blockListView(state, user.value)], message));
}
