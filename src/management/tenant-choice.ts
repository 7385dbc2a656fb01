import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { TenantId } from '../model/names.ts';
import type { CommandContext } from './command-context.ts';
import type { ConfigurationState } from './configuration-state.ts';

/** The tenant a command is about: the one named, else the only one. Fails with TENANT_UNKNOWN, TENANT_REQUIRED or DEPLOYMENT_EMPTY. */
export function chooseTenant(context: CommandContext, state: ConfigurationState): Result<TenantId> {
  const tenants = state.tenants();
  const wanted = context.tenant?.toLowerCase();
  if (wanted !== undefined) {
    const found = tenants.find(tenant => tenant.name.toLowerCase() === wanted || tenant.id.toLowerCase() === wanted);
    return found ? ok(found.id as TenantId) : err(failure('TENANT_UNKNOWN', { tenant: context.tenant }));
  }
  const only = tenants[0];
  if (only && tenants.length === 1) return ok(only.id as TenantId);
  return err(only ? failure('TENANT_REQUIRED', { count: tenants.length }) : failure('DEPLOYMENT_EMPTY'));
}

/** The tenant named by the command, or undefined for all of them. Fails with TENANT_UNKNOWN. */
export function chooseTenantOrAll(context: CommandContext, state: ConfigurationState): Result<TenantId | undefined> {
  return context.tenant === undefined ? ok(undefined) : chooseTenant(context, state);
}
