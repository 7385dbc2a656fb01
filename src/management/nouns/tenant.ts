import { z } from 'zod';
import { countOf } from '../../base/count-text.ts';
import { failure } from '../../base/failure.ts';
import { ulid } from '../../base/random.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { ConfigurationObject } from '../../model/configuration-object.ts';
import { nameField } from '../../model/field.ts';
import { Tenant } from '../../model/kinds/tenant.ts';
import { TenantFederationConfiguration } from '../../model/kinds/tenant-federation-configuration.ts';
import { changeParameters } from '../change-parameters.ts';
import { type ChangePlan, checkExpectedVersion, planObjects } from '../change-plan.ts';
import { type CommandDefinition, defineCommand, readResult } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import type { ConfigurationState } from '../configuration-state.ts';
import type { ManagementState } from '../management-state.ts';
import { objectView } from '../object-view.ts';
import { wildcardMatcher } from '../wildcard.ts';

const identity = nameField.describe('the name of the tenant');
const displayName = Tenant.shape.displayName.optional().describe('its name for people; default: the name');

/** New, Set, Get and Remove of tenants. */
export const tenantCommands: readonly CommandDefinition[] = [
  defineCommand({
    verb: 'New',
    noun: 'CsTenant',
    kind: 'change',
    summary: "Creates a tenant; federation is off for it until switched on, but for an on-premises deployment's first.",
    parameters: z.object({ identity, displayName, ...changeParameters }),
    example: '-Identity fabrikam -DisplayName "Fabrikam Ltd"',
    run(context, parameters) {
      // The id is made once, so that planning again after a conflict means the same tenant.
      const owner = ulid(context.ports.clock.now());
      return context.writer.change(context, state => planNew(context, state, owner, parameters));
    },
  }),
  defineCommand({
    verb: 'Set',
    noun: 'CsTenant',
    kind: 'change',
    summary: 'Changes what a tenant is called for people.',
    parameters: z.object({ identity, displayName, ...changeParameters }),
    example: '-Identity fabrikam -DisplayName "Fabrikam Ltd"',
    run: (context, parameters) =>
      context.writer.change(context, state => {
        const tenant = findTenant(context, state.configuration, parameters.identity);
        if (!tenant.ok) return tenant;
        const { kind, owner, identity: name, version, body } = tenant.value;
        const changed = { displayName: parameters.displayName ?? body.displayName };
        return planObjects([{ kind, owner, identity: name, expectedVersion: version, body: changed }], `Tenant ${name} changed.`);
      }),
  }),
  defineCommand({
    verb: 'Get',
    noun: 'CsTenant',
    kind: 'read',
    scope: 'tenant',
    summary: 'Shows a tenant, or all that match.',
    parameters: z.object({
      identity: z.string().optional().describe('name; * stands for anything'),
      filter: z.string().optional().describe('pattern for the name; * stands for anything'),
    }),
    run: getTenants,
  }),
  defineCommand({
    verb: 'Remove',
    noun: 'CsTenant',
    kind: 'change',
    summary: 'Removes a tenant with its domains, policies and lists; its users must have been removed before.',
    parameters: z.object({ identity, ...changeParameters }),
    destroys: 'the tenant with its domains, policies and lists',
    example: '-Identity fabrikam -Confirm:$false',
    run: (context, parameters) => context.writer.change(context, state => planRemove(context, state, parameters.identity)),
  }),
];

function planNew(
  context: CommandContext,
  state: ManagementState,
  owner: string,
  parameters: { readonly identity: string; readonly displayName?: string | undefined },
): Result<ChangePlan> {
  const name = parameters.identity;
  if (state.configuration.tenants().some(tenant => tenant.name.toLowerCase() === name.toLowerCase())) {
    return err(failure('OBJECT_EXISTS', { noun: 'CsTenant', identity: name }));
  }
  const body = { displayName: parameters.displayName ?? name };
  const tenant = { kind: 'CsTenant', owner, identity: name, expectedVersion: null, body } as const;
  const isOwnOrganisation = context.ports.deployment === 'on-premises' && state.configuration.tenants().length === 0;
  const changes = isOwnOrganisation ? [tenant, openFederationSettings(owner)] : [tenant];
  return planObjects(changes, `Tenant ${name} created.`, [
    `Add a SIP domain next: parley tenant domain add DOMAIN --tenant ${name}.`,
  ]);
}

/** The one organisation of an on-premises deployment follows the deployment's switch, which is closed by default; nobody should have to open two. */
function openFederationSettings(owner: string) {
  const body = TenantFederationConfiguration.parse({ allowFederatedUsers: true, allowedDomains: 'AllKnown' });
  return { kind: 'CsTenantFederationConfiguration', owner, identity: 'global', expectedVersion: null, body } as const;
}

function planRemove(context: CommandContext, state: ManagementState, name: string): Result<ChangePlan> {
  const tenant = findTenant(context, state.configuration, name);
  if (!tenant.ok) return tenant;
  const { owner } = tenant.value;
  let users = 0;
  for (const user of state.users.all()) if (user.tenant === owner) users++;
  if (users > 0) return err(failure('TENANT_IN_USE', { tenant: tenant.value.identity, count: users }));
  const changes = state.configuration
    .ownedBy(owner)
    .map(object => ({ kind: object.kind, owner, identity: object.identity, expectedVersion: object.version, body: null }));
  return planObjects(
    changes,
    `Tenant ${tenant.value.identity} removed with ${countOf(changes.length - 1, 'object')} of its own.`,
  );
}

function findTenant(context: CommandContext, state: ConfigurationState, name: string): Result<ConfigurationObject<'CsTenant'>> {
  const wanted = name.toLowerCase();
  const tenant = state
    .list('CsTenant')
    .find(object => object.identity.toLowerCase() === wanted || object.owner.toLowerCase() === wanted);
  if (!tenant) return err(failure('OBJECT_UNKNOWN', { noun: 'CsTenant', identity: name }));
  const expected = checkExpectedVersion(context, 'CsTenant', tenant.identity, tenant.version);
  return expected.ok ? ok(tenant) : expected;
}

async function getTenants(
  context: CommandContext,
  { identity, filter }: { identity?: string | undefined; filter?: string | undefined },
) {
  const { configuration: state } = await context.readState();
  const matches = wildcardMatcher(identity ?? filter ?? '*');
  const found = state.list('CsTenant').filter(object => matches(object.identity));
  if (found.length === 0 && identity !== undefined && !identity.includes('*')) {
    return err(failure('OBJECT_UNKNOWN', { noun: 'CsTenant', identity }));
  }
  const views = found.map(object => ({
    ...objectView(state, object),
    domains: state.list('CsSipDomain', object.owner).map(domain => domain.identity),
  }));
  return ok(readResult(views, countOf(views.length, 'tenant')));
}
