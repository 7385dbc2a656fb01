import { countOf } from '../base/count-text.ts';
import { FailureError, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { ChangeOptions, ChangeRequest } from './change-request.ts';
import { ChangeWriter } from './change-writer.ts';
import { type Command, type CommandDefinition, commandName } from './command.ts';
import type { CommandContext } from './command-context.ts';
import { findCommand } from './command-registry.ts';
import type { CommandResult } from './command-result.ts';
import { type ComposedResult, changeTogether, stepRefused } from './composed-change.ts';
import { CurrentState } from './current-state.ts';
import type { ManagementPorts } from './management-ports.ts';
import type { ManagementState } from './management-state.ts';
import { readParameters } from './parameter-reader.ts';
import { checkPermitted } from './permission.ts';
import type { PlanWriter } from './plan-writer.ts';
import type { Principal } from './principal.ts';
import { shortened, summarizeCommand } from './revision-summary.ts';

/** Commands that may become one revision. */
const maxCommands = 200;

/** A command whose parameters are read, and which may run. */
interface PreparedCommand {
  readonly definition: CommandDefinition;
  readonly request: ChangeRequest;
  readonly context: Pick<CommandContext, 'ports' | 'tenant'>;
  readonly parameters: Readonly<Record<string, unknown>>;
}

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

  /**
   * Runs several commands for somebody, which become one revision or nothing at all; each sees what those before it do.
   * Fails with CHANGE_EMPTY, or as `changeTogether`.
   */
  async executeTogether(
    commands: readonly Command[],
    { whatIf }: Pick<ChangeOptions, 'whatIf'>,
    principal: Principal,
  ): Promise<Result<ComposedResult>> {
    if (commands.length === 0 || commands.length > maxCommands) return err(failure('CHANGE_EMPTY', { limit: maxCommands }));
    const prepared: PreparedCommand[] = [];
    for (const [i, command] of commands.entries()) {
      const ready = this.#prepare(
        { ...command, parameters: { ...command.parameters, ...(whatIf ? { whatIf } : {}) } },
        principal,
      );
      const name = commandName(command);
      if (!ready.ok) return err(stepRefused(ready.error, name, i, commands.length));
      const { definition, request } = ready.value;
      const isPart = definition.kind === 'change' && !definition.asksOthers && request.options.whatIf === whatIf;
      if (!isPart) return err(stepRefused(failure('COMMAND_NOT_COMPOSABLE', { command: name }), name, i, commands.length));
      prepared.push(ready.value);
    }
    const summary = prepared.map(({ request }) => request.summary).join('; ');
    const request = { name: countOf(prepared.length, 'command'), summary: shortened(summary), principal, options: { whatIf } };
    const composed = prepared.map(({ request: own, ...of }) => ({
      name: own.name,
      run: (writer: PlanWriter, readState: () => Promise<ManagementState>) =>
        of.definition.run({ ...own, ...of.context, writer, readState }, of.parameters),
    }));
    try {
      return await changeTogether(this.#writer, request, composed);
    } catch (fault) {
      if (fault instanceof FailureError) return err(fault.failure);
      throw fault;
    }
  }

  async #run(command: Command, principal: Principal): Promise<Result<CommandResult>> {
    const prepared = this.#prepare(command, principal);
    if (!prepared.ok) return prepared;
    const { definition, request, context, parameters } = prepared.value;
    const readState = () => this.#current.read(principal.scope);
    return definition.run({ ...request, ...context, writer: this.#writer, readState }, parameters);
  }

  /** Finds a command and checks all about it that needs no state. */
  #prepare(command: Command, principal: Principal): Result<PreparedCommand> {
    const definition = findCommand(command.verb, command.noun);
    if (!definition.ok) return definition;
    const permitted = checkPermitted(principal, definition.value);
    if (!permitted.ok) return permitted;
    const { tenant, given } = splitTenant(command);
    const read = readParameters(definition.value, given);
    if (!read.ok) return read;
    const { whatIf, confirm, expectedVersion, ...parameters } = read.value;
    const options: ChangeOptions = {
      whatIf: whatIf === true,
      ...(typeof expectedVersion === 'number' ? { expectedVersion } : {}),
    };
    const refused = checkConfirmed(definition.value, options, confirm);
    if (!refused.ok) return refused;
    const summary = summarizeCommand(definition.value, tenant === undefined ? parameters : { ...parameters, tenant });
    return ok({
      definition: definition.value,
      request: { name: commandName(definition.value), summary, principal, options },
      context: { ports: this.#ports, ...(tenant === undefined ? {} : { tenant }) },
      parameters,
    });
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
