import { z } from 'zod';
import { failure } from '../../base/failure.ts';
import { ulid } from '../../base/random.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { deploymentOwner } from '../../model/configuration-object.ts';
import { type Aor, domainOfAor, type Fqdn, parseAccountAor, type TenantId, type UserId, userOfAor } from '../../model/names.ts';
import type { HomeLocator, User } from '../../model/user.ts';
import type { SealedCredential } from '../../store/store.ts';
import { changeUsers, type PlannedItem } from '../bulk-change.ts';
import { changeParameters } from '../change-parameters.ts';
import { type CommandDefinition, defineCommand } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import type { ConfigurationState } from '../configuration-state.ts';
import type { ManagementState } from '../management-state.ts';
import { checkPassword, generatePassword } from '../password-generator.ts';
import { userAdministrators } from '../role.ts';
import { chooseTenantOrAll } from '../tenant-choice.ts';
import { userAttributeParameters, withAttributes } from '../user-attribute-parameters.ts';
import { policyParameters, readPolicies } from '../user-policies.ts';
import { findHome } from './user-references.ts';

const maxUsers = 100_000;
const address = z.string().min(1).max(512);
const Entry = z.object({
  identity: address,
  displayName: z.string().max(256).optional(),
  password: z.string().max(1024).optional(),
  ...userAttributeParameters,
});

const EnableParameters = z.object({
  identity: z.array(address).max(maxUsers).optional().describe('address of the user, user@domain; several for a bulk enable'),
  users: z
    .array(Entry)
    .max(maxUsers)
    .optional()
    .describe('for a bulk enable: objects {identity, displayName, password} and the attributes below'),
  displayName: z.string().max(256).optional().describe('name for people; default: the part before the @'),
  registrarPool: z.string().optional().describe('FQDN of the home pool; not needed where there is one pool'),
  hostingProviderProxyFqdn: z.string().optional().describe('for a user who lives at a hosting provider: its ProxyFqdn'),
  ...policyParameters,
  ...userAttributeParameters,
  password: z.string().max(1024).optional().describe('the first password; is never shown again'),
  generatePassword: z.boolean().optional().describe('make a password and show it once'),
  ...changeParameters,
});
type EnableParameters = z.output<typeof EnableParameters>;
type Entry = z.output<typeof Entry>;

/** What an item keeps when it is planned again: ids, seals and generated passwords are made once. */
interface Prepared {
  readonly id: UserId;
  readonly password?: string;
  readonly sealed?: SealedCredential;
}

/** Enable-CsUser: one user or many; an existing user is a failure of that item. */
export const enableUserCommand: CommandDefinition = defineCommand({
  verb: 'Enable',
  noun: 'CsUser',
  kind: 'change',
  scope: 'tenant',
  roles: userAdministrators,
  summary: 'Makes addresses into users who can sign in and be reached; one outcome per user.',
  parameters: EnableParameters,
  aliases: { sipaddress: 'identity' },
  secrets: ['password', 'users'],
  example: '-Identity alice@contoso.com -DisplayName "Alice Ames" -GeneratePassword $true',
  run: enableUsers,
});

async function enableUsers(context: CommandContext, parameters: EnableParameters) {
  const entries: readonly Entry[] = [...(parameters.identity ?? []).map(identity => ({ identity })), ...(parameters.users ?? [])];
  const wrong = checkTogether(context, parameters, entries.length);
  if (wrong) return err(wrong);
  const single = entries.length === 1;
  const prepared = new Map<number, Prepared>();
  const signIn =
    parameters.password !== undefined || parameters.generatePassword || entries.some(entry => entry.password !== undefined);
  return changeUsers(context, {
    items: entries,
    nameOf: entry => entry.identity,
    check: state => chooseTenantOrAll(context, state.configuration),
    plan: (state, entry, index) =>
      planEntry(context, state, single ? { displayName: parameters.displayName, ...entry } : entry, parameters, kept => {
        let item = prepared.get(index);
        if (!item) prepared.set(index, (item = kept()));
        return item;
      }),
    done: entries.length === 1 ? 'is enabled' : 'enabled',
    notices: signIn ? [] : ['Without a password nobody can sign in: parley user password ADDRESS --generate.'],
  });
}

function checkTogether(
  context: CommandContext,
  { displayName, password, generatePassword: generate, users }: EnableParameters,
  count: number,
) {
  const command = context.name;
  if (count === 0) return failure('PARAMETER_MISSING', { command, parameter: 'Identity' });
  if (displayName !== undefined && count > 1)
    return failure('PARAMETER_CONFLICT', { command, first: 'DisplayName', second: 'several users' });
  const passwords = password !== undefined || users?.some(user => user.password !== undefined);
  if (passwords && generate) return failure('PARAMETER_CONFLICT', { command, first: 'Password', second: 'GeneratePassword' });
  return undefined;
}

function planEntry(
  context: CommandContext,
  state: ManagementState,
  entry: Entry,
  parameters: EnableParameters,
  once: (make: () => Prepared) => Prepared,
): Result<PlannedItem> {
  const aor = parseAccountAor(entry.identity);
  if (!aor.ok) return aor;
  const tenant = tenantOfAddress(context, state.configuration, aor.value);
  if (!tenant.ok) return tenant;
  if (state.users.find(aor.value)) return err(failure('OBJECT_EXISTS', { noun: 'CsUser', identity: aor.value }));
  const home = homeOf(state.configuration, tenant.value, parameters);
  if (!home.ok) return home;
  const policies = readPolicies(state.configuration, tenant.value, parameters);
  if (!policies.ok) return policies;
  const given = entry.password ?? parameters.password;
  const usable = given === undefined ? ok(undefined) : checkPassword(given);
  if (!usable.ok) return usable;
  const { id, password, sealed } = once(() => prepare(context, aor.value, given, parameters.generatePassword === true));
  const user: Omit<User, 'version'> = {
    id,
    tenant: tenant.value,
    aor: aor.value,
    displayName: entry.displayName ?? userOfAor(aor.value),
    enabled: true,
    ...home.value,
    policies: policies.value,
    credentialVersion: sealed ? 1 : 0,
  };
  const known = withAttributes(withAttributes(user, parameters), entry);
  const change = { id, expectedVersion: null, user: known, ...(sealed ? { sealedCredential: sealed } : {}) };
  return ok({ identity: aor.value, change, ...(password === undefined ? {} : { password }) });
}

function prepare(context: CommandContext, aor: Aor, given: string | undefined, generate: boolean): Prepared {
  const id = ulid(context.ports.clock.now()) as UserId;
  const password = given ?? (generate ? generatePassword() : undefined);
  if (password === undefined || context.options.whatIf) return { id };
  const sealed = context.ports.sealer.seal({ id, aor }, password);
  return { id, sealed, ...(given === undefined ? { password } : {}) };
}

/** The tenant whose proven SIP domain the address is in. Fails with DEPLOYMENT_EMPTY, SIP_DOMAIN_UNKNOWN or SIP_DOMAIN_NOT_VERIFIED. */
function tenantOfAddress(context: CommandContext, state: ConfigurationState, aor: Aor): Result<TenantId> {
  const wanted = chooseTenantOrAll(context, state);
  if (!wanted.ok) return wanted;
  const domain = domainOfAor(aor);
  const holder = state.holderOf(`sip-domain ${domain}`);
  const entry = holder && state.find('CsSipDomain', holder.owner, domain);
  if (!entry || (wanted.value !== undefined && entry.owner !== wanted.value)) {
    const [first, second] = state.tenants();
    if (!first) return err(failure('DEPLOYMENT_EMPTY'));
    const tenant = wanted.value ?? (second ? undefined : first.id);
    const owner = tenant === undefined ? 'any tenant' : `the tenant ${state.tenantName(tenant)}`;
    return err(failure('SIP_DOMAIN_UNKNOWN', { address: aor, domain, owner }));
  }
  if (entry.body.verified) return ok(entry.owner as TenantId);
  return err(failure('SIP_DOMAIN_NOT_VERIFIED', { domain, proofToken: entry.body.proofToken }));
}

function homeOf(
  state: ConfigurationState,
  tenant: TenantId,
  { registrarPool, hostingProviderProxyFqdn }: EnableParameters,
): Result<Pick<User, 'registrarPool' | 'hostingProviderProxyFqdn'>> {
  const pools = state.list('CsPool', deploymentOwner);
  const named = registrarPool?.toLowerCase();
  const pool =
    named === undefined ? (pools.length === 1 ? pools[0] : undefined) : pools.find(object => object.identity === named);
  if (!pool) {
    if (named !== undefined) return err(failure('POOL_UNKNOWN', { parameter: 'RegistrarPool', pool: registrarPool }));
    return err(pools.length === 0 ? failure('POOL_MISSING') : failure('POOL_REQUIRED', { count: pools.length }));
  }
  const home = pool.identity as Fqdn;
  if (hostingProviderProxyFqdn === undefined || hostingProviderProxyFqdn.toUpperCase() === 'SRV:') {
    return ok({ registrarPool: home, hostingProviderProxyFqdn: 'SRV:' });
  }
  const target = findHome(state, tenant, hostingProviderProxyFqdn);
  if (!target.ok) return target;
  return ok({ registrarPool: home, hostingProviderProxyFqdn: target.value.hostingProviderProxyFqdn as HomeLocator });
}
