import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type CommandDefinition, commandName } from './command.ts';
import type { Principal } from './principal.ts';

/** Whether somebody may run a command: one of the roles permits it, and who has one tenant only runs what is about tenants. Fails with COMMAND_NOT_PERMITTED. */
export function checkPermitted({ name, scope, roles }: Principal, definition: CommandDefinition): Result<void> {
  const command = commandName(definition);
  const isPermitted = roles.some(role => role === 'CsAdministrator' || definition.roles.includes(role));
  if (!isPermitted) {
    const permitted = ['CsAdministrator', ...definition.roles].join(' or ');
    return err(failure('COMMAND_NOT_PERMITTED', { name, command, reason: `it needs the role ${permitted}` }));
  }
  if (scope.kind === 'tenant' && definition.scope === 'deployment') {
    return err(failure('COMMAND_NOT_PERMITTED', { name, command, reason: 'it is about the whole deployment' }));
  }
  return ok(undefined);
}

/** Whether somebody may have what is of the whole deployment and no command, such as a backup. Fails with COMMAND_NOT_PERMITTED. */
export function checkAdministrator({ name, scope, roles }: Principal, what: string): Result<void> {
  if (scope.kind === 'deployment' && roles.includes('CsAdministrator')) return ok(undefined);
  const reason = 'it is about the whole deployment and needs the role CsAdministrator';
  return err(failure('COMMAND_NOT_PERMITTED', { name, command: what, reason }));
}
