import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type CommandDefinition, commandName } from '../management/command.ts';
import { type ParameterKind, parameterKind } from '../management/parameter-kind.ts';

/**
 * Reads arguments as PowerShell writes them: `-Name value`, `-Name:value`, a switch alone, a bare first value for Identity,
 * `$true`, `$false`, `$Null`, and commas between the values of a list. Names are checked by the server.
 * Fails with PARAMETER_INVALID or PARAMETER_CONFLICT.
 */
export function readPowerShellArguments(definition: CommandDefinition, args: readonly string[]): Result<Record<string, unknown>> {
  const command = commandName(definition);
  const parameters: Record<string, unknown> = {};
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const named = /^-([a-z]\w*)(?::(.*))?$/is.exec(arg);
    const name = named?.[1] ?? 'Identity';
    if (hasName(parameters, name)) {
      if (named) return err(failure('PARAMETER_CONFLICT', { command, first: `-${name}`, second: `-${name}` }));
      return err(failure('PARAMETER_INVALID', { command, parameter: arg, problem: 'there is no -Parameter in front of it' }));
    }
    const kind = kindOf(definition, name);
    if (!named) parameters[name] = valueOf(arg, kind);
    else if (named[2] !== undefined) parameters[name] = valueOf(named[2], kind);
    else if (i + 1 < args.length && !isParameter(args[i + 1] as string)) parameters[name] = valueOf(args[++i] as string, kind);
    else if (kind === undefined || kind.isSwitch) parameters[name] = true;
    else return err(failure('PARAMETER_INVALID', { command, parameter: name, problem: missingValue(kind) }));
  }
  return ok(parameters);
}

/** Unquoted, `$False` is a variable of the shell, and nothing is left of it: that must never be taken for `$True`. */
function missingValue({ type }: ParameterKind): string {
  return type === 'boolean'
    ? "its value is missing: write '$true' or '$false' in quotes, or the shell takes it away"
    : 'its value is missing';
}

function isParameter(arg: string): boolean {
  return /^-[a-z]/i.test(arg);
}

function hasName(parameters: Readonly<Record<string, unknown>>, name: string): boolean {
  return Object.keys(parameters).some(key => key.toLowerCase() === name.toLowerCase());
}

function kindOf(definition: CommandDefinition, name: string): ParameterKind | undefined {
  const lower = name.toLowerCase();
  const alias = Object.entries(definition.aliases).find(([key]) => key === lower);
  const wanted = alias?.[1].toLowerCase() ?? lower;
  const entry = Object.entries(definition.parameters.shape).find(([key]) => key.toLowerCase() === wanted);
  return entry && parameterKind(entry[1]);
}

function valueOf(text: string, kind: ParameterKind | undefined): unknown {
  if (/^\$true$/i.test(text)) return true;
  if (/^\$false$/i.test(text)) return false;
  if (/^\$null$/i.test(text)) return null;
  if (kind?.type === 'list')
    return text
      .split(',')
      .map(item => item.trim())
      .filter(item => item !== '');
  return text;
}
