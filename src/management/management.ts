import { FailureError, failure } from '../base/failure.ts';
import { err, type Result } from '../base/result.ts';
import type { ChangeOptions } from './change-request.ts';
import { ChangeWriter } from './change-writer.ts';
import { type Command, type CommandDefinition, commandName } from './command.ts';
import { findCommand } from './command-registry.ts';
import type { CommandResult } from './command-result.ts';
import { CurrentState } from './current-state.ts';
import type { ManagementPorts } from './management-ports.ts';
import { readParameters } from './parameter-reader.ts';
import { checkPermitted } from './permission.ts';
import type { Principal } from './principal.ts';
import { summarizeCommand } from './revision-summary.ts';

/** The one command layer: API, command line, shell and panel all go through `execute`. */
export class Management {
  readonly #ports: ManagementPorts;
  readonly #current: CurrentState;
  readonly #writer: ChangeWriter;

  constructor(ports: ManagementPorts) {
    this.#ports = ports;
    this.#current = new CurrentState(ports.configuration, ports.users);
    this.#writer = new ChangeWriter(ports, this.#current);
  }

  /** Runs one command for somebody. Expected failures are returned; the revision of a change that was answered ok is durable. */
  async execute(command: Command, principal: Principal): Promise<Result<CommandResult>> {
    try {
      return await this.#run(command, principal);
    } catch (fault) {
      // Reads of the store have no result to fail with: a store that is away comes as this.
      if (fault instanceof FailureError) return err(fault.failure);
      throw fault;
    }
  }

  async #run(command: Command, principal: Principal): Promise<Result<CommandResult>> {
    const definition = findCommand(command.verb, command.noun);
    if (!definition.ok) return definition;
    const permitted = checkPermitted(principal, definition.value);
    if (!permitted.ok) return permitted;
    const { tenant, given } = splitTenant(command);
    const parameters = readParameters(definition.value, given);
    if (!parameters.ok) return parameters;
    const { whatIf, confirm, expectedVersion, ...rest } = parameters.value;
    const options: ChangeOptions = {
      whatIf: whatIf === true,
      ...(typeof expectedVersion === 'number' ? { expectedVersion } : {}),
    };
    const refused = checkConfirmed(definition.value, options, confirm);
    if (!refused.ok) return refused;
    return definition.value.run(
      {
        ports: this.#ports,
        readState: () => this.#current.read(principal.scope),
        writer: this.#writer,
        name: commandName(definition.value),
        summary: summarizeCommand(definition.value, tenant === undefined ? rest : { ...rest, tenant }),
        principal,
        ...(tenant === undefined ? {} : { tenant }),
        options,
      },
      rest,
    );
  }

  /** Stops listening to the store; commands under way still finish. */
  close(): void {
    this.#current.close();
  }
}

/** Tenant is a parameter of every command, beside the field of the command itself. */
function splitTenant(command: Command): { tenant: string | undefined; given: Readonly<Record<string, unknown>> } {
  const entries = Object.entries(command.parameters);
  const named = entries.find(([name]) => name.toLowerCase() === 'tenant');
  const tenant = command.tenant ?? (typeof named?.[1] === 'string' ? named[1] : undefined);
  return { tenant, given: Object.fromEntries(entries.filter(entry => entry !== named)) };
}

/** `Confirm: false` is the original's `-Confirm:$false`: do not ask. Nobody can be asked here, so without it nothing is destroyed. */
function checkConfirmed(definition: CommandDefinition, options: ChangeOptions, confirm: unknown): Result<void> {
  if (definition.destroys === undefined || options.whatIf || confirm === false) return { ok: true, value: undefined };
  return err(failure('CONFIRMATION_REQUIRED', { command: commandName(definition), what: definition.destroys }));
}
