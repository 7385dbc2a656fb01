import { z } from 'zod';
import { countOf } from '../../base/count-text.ts';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type ConfigurationObject, configurationKinds } from '../../model/configuration-object.ts';
import { sipDomainField } from '../../model/field.ts';
import { AllowedDomain, BlockedDomain } from '../../model/kinds/federated-domain.ts';
import type { ObjectChange } from '../../store/store.ts';
import { changeParameters } from '../change-parameters.ts';
import { type ChangePlan, checkExpectedVersion, planObjects } from '../change-plan.ts';
import { type CommandDefinition, defineCommand, readResult } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import type { ConfigurationState } from '../configuration-state.ts';
import { ownerOf, readBody } from '../kind-objects.ts';
import type { ManagementState } from '../management-state.ts';
import { objectView } from '../object-view.ts';
import { parameterTitle } from '../parameter-reader.ts';
import { chooseTenantOrAll } from '../tenant-choice.ts';
import { wildcardMatcher } from '../wildcard.ts';

const lists = { Allowed: 'CsAllowedDomain', Blocked: 'CsBlockedDomain' } as const;
type List = keyof typeof lists;

const identities = z.array(sipDomainField).min(1).max(10_000).describe('one domain or several');

const SetParameters = z.object({
  identity: identities,
  list: z.enum(['Allowed', 'Blocked']).describe('the list the domain shall be on'),
  proxyFqdn: AllowedDomain.shape.proxyFqdn
    .unwrap()
    .optional()
    .describe('for Allowed: the only server that speaks for the domain'),
  verificationLevel: AllowedDomain.shape.verificationLevel.unwrap().optional().describe('for Allowed'),
  includeSubdomains: z.boolean().optional().describe('the entry stands for all domains below it as well'),
  comment: z.string().max(1024).optional().describe('note for admins; kept when the entry moves'),
  ...changeParameters,
});

/** Set (put on a list, moving it from the other), Get and Remove of a partner's domain, whichever list it is on. */
export const federatedDomainCommands: readonly CommandDefinition[] = [
  defineCommand({
    verb: 'Set',
    noun: 'CsFederatedDomain',
    kind: 'change',
    scope: 'tenant',
    summary: 'Puts domains on the allowed or the blocked list; an entry on the other list moves, in the same revision.',
    parameters: SetParameters,
    aliases: { domain: 'identity' },
    example: '-Identity fabrikam.com -List Allowed',
    run: (context, parameters) => context.writer.change(context, state => planLists(context, state, parameters)),
  }),
  defineCommand({
    verb: 'Get',
    noun: 'CsFederatedDomain',
    kind: 'read',
    scope: 'tenant',
    summary: 'Shows the entries of both lists.',
    parameters: z.object({
      identity: z.string().optional().describe('a domain; * stands for anything'),
      list: z.enum(['Allowed', 'Blocked']).optional().describe('only this list'),
    }),
    run: getFederatedDomains,
  }),
  defineCommand({
    verb: 'Remove',
    noun: 'CsFederatedDomain',
    kind: 'change',
    scope: 'tenant',
    summary: 'Takes domains off whichever list they are on.',
    parameters: z.object({ identity: identities, ...changeParameters }),
    example: '-Identity fabrikam.com',
    run: (context, parameters) => context.writer.change(context, state => planRemoval(context, state, parameters.identity)),
  }),
];

function planLists(
  context: CommandContext,
  state: ManagementState,
  parameters: z.output<typeof SetParameters>,
): Result<ChangePlan> {
  const owner = ownerOf(context, 'CsAllowedDomain', state.configuration);
  if (!owner.ok) return owner;
  const list: List = parameters.list;
  const given = listAttributes(context, parameters);
  if (!given.ok) return given;
  const changes: ObjectChange[] = [];
  const domains = [...new Set(parameters.identity)];
  for (const identity of domains) {
    const planned = planDomain(context, state.configuration, owner.value, identity, list, given.value);
    if (!planned.ok) return planned;
    changes.push(...planned.value);
  }
  const name = domains.length === 1 ? domains[0] : countOf(domains.length, 'domain');
  const verb = domains.length === 1 ? 'is' : 'are';
  return planObjects(changes, `${name} ${verb} ${list.toLowerCase()}.`);
}

/** The attributes given, if the list has them all. Fails with PARAMETER_UNKNOWN. */
function listAttributes(
  context: CommandContext,
  { list, proxyFqdn, verificationLevel, includeSubdomains, comment }: z.output<typeof SetParameters>,
): Result<Readonly<Record<string, unknown>>> {
  const attributes = Object.entries({ proxyFqdn, verificationLevel, includeSubdomains, comment }).filter(
    ([, v]) => v !== undefined,
  );
  const shape = configurationKinds[lists[list]].schema.shape;
  const foreign = attributes.find(([name]) => !(name in shape));
  if (!foreign) return ok(Object.fromEntries(attributes));
  return err(failure('PARAMETER_CONFLICT', { command: context.name, first: `List ${list}`, second: parameterTitle(foreign[0]) }));
}

function planDomain(
  context: CommandContext,
  state: ConfigurationState,
  owner: string,
  identity: string,
  list: List,
  given: Readonly<Record<string, unknown>>,
): Result<readonly ObjectChange[]> {
  const kind = lists[list];
  const otherKind = lists[list === 'Allowed' ? 'Blocked' : 'Allowed'];
  const there = state.find(kind, owner, identity);
  const elsewhere = state.find(otherKind, owner, identity);
  const expected = checkExpectedVersion(context, 'CsFederatedDomain', identity, (there ?? elsewhere)?.version ?? 0);
  if (!expected.ok) return expected;
  const kept = there?.body ?? (elsewhere && commonAttributes(elsewhere)) ?? {};
  const body = readBody(context, kind, { ...kept, ...given });
  if (!body.ok) return body;
  const change: ObjectChange = { kind, owner, identity, expectedVersion: there?.version ?? null, body: body.value };
  if (!elsewhere) return ok([change]);
  return ok([{ kind: otherKind, owner, identity, expectedVersion: elsewhere.version, body: null }, change]);
}

/** What both lists have: survives a move. */
function commonAttributes(object: ConfigurationObject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object.body).filter(([name]) => name in BlockedDomain.shape));
}

async function getFederatedDomains(
  context: CommandContext,
  { identity, list }: { identity?: string | undefined; list?: List | undefined },
) {
  const { configuration: state } = await context.readState();
  const owner = chooseTenantOrAll(context, state);
  if (!owner.ok) return owner;
  const matches = wildcardMatcher(identity ?? '*');
  const views = (['Allowed', 'Blocked'] as const)
    .filter(name => list === undefined || list === name)
    .flatMap(name => state.list(lists[name], owner.value).map(object => ({ list: name, ...objectView(state, object) })))
    .filter(view => matches(view.identity));
  if (views.length === 0 && identity !== undefined && !identity.includes('*')) {
    return err(failure('OBJECT_UNKNOWN', { noun: 'CsFederatedDomain', identity }));
  }
  return ok(readResult(views, countOf(views.length, 'domain')));
}

function planRemoval(context: CommandContext, state: ManagementState, identity: readonly string[]): Result<ChangePlan> {
  const owner = ownerOf(context, 'CsAllowedDomain', state.configuration);
  if (!owner.ok) return owner;
  const changes: ObjectChange[] = [];
  const domains = [...new Set(identity)];
  for (const domain of domains) {
    const object =
      state.configuration.find('CsAllowedDomain', owner.value, domain) ??
      state.configuration.find('CsBlockedDomain', owner.value, domain);
    if (!object) return err(failure('OBJECT_UNKNOWN', { noun: 'CsFederatedDomain', identity: domain }));
    const expected = checkExpectedVersion(context, object.kind, domain, object.version);
    if (!expected.ok) return expected;
    changes.push({ kind: object.kind, owner: owner.value, identity: domain, expectedVersion: object.version, body: null });
  }
  const name = domains.length === 1 ? `${domains[0]} is` : `${countOf(domains.length, 'domain')} are`;
  return planObjects(changes, `${name} on no list any more.`);
}
