// docs/commands.md, from the command line's own table and from the command layer's.

import { makeProgram } from '../../src/cli/program.ts';
import { changeParameters } from '../../src/management/change-parameters.ts';
import { commandName } from '../../src/management/command.ts';
import { commandDefinitions } from '../../src/management/command-registry.ts';
import { parameterKind } from '../../src/management/parameter-kind.ts';
import { parameterTitle } from '../../src/management/parameter-reader.ts';
import { code, sentence, table } from './schema-text.mjs';

export async function commandsPage() {
  const written = { text: '' };
  const program = await loadProgram(written);
  const words = program.commands.filter(command => command.name() !== 'help');
  const nouns = [...new Set(commandDefinitions.map(definition => definition.noun))];
  return `# Commands

Written by \`npm run docs\` from the tables the program itself works with; \`parley COMMAND --help\` shows the same.
There are two ways to say the same thing: short words (\`parley domain allow fabrikam.com\`), and Lync's names with parameters as PowerShell
has them (\`parley New-CsAllowedDomain -Identity fabrikam.com\`). Both go through the management API of a Front End, so both are checked,
written into the history and sent to the Edges in the same way.

${table(['Options of every command', 'Meaning'], optionRows(program))}

Which server: \`--api\` with \`--token-file\`, else \`--lab\` with \`--org\`, else \`--config\`, else \`PARLEY_API\` with \`PARLEY_TOKEN_FILE\`.
Exit codes: 0 done, 1 failed, 2 wrong usage.

## Words

${words.map(command => `- [${code(`parley ${command.name()}`)}](#parley-${command.name()}): ${command.summary()}`).join('\n')}

${words.map(command => section(command, '###', written)).join('\n')}
## Lync's names

Names of commands and parameters match in any letter case, and parameters as in PowerShell: \`-Name value\`, \`-Name:value\`, \`$true\`, \`$false\`,
\`$Null\`, commas between the values of a list. In a shell quote what begins with a dollar sign: \`'$Null'\`. Every command that changes
something also takes:

${table(['Parameter', 'Value', 'Meaning'], parameterRows(changeParameters))}

${nouns.map(noun => nounSection(noun)).join('\n')}`;
}

async function loadProgram(written) {
  const terminal = {
    env: {},
    isInteractive: false,
    canAsk: false,
    columns: 120,
    out: text => (written.text += text),
    error: text => (written.text += text),
    ask: () => Promise.resolve(''),
  };
  return makeProgram({ terminal, act: () => Promise.resolve() }, () => true);
}

function section(command, level, written) {
  const path = pathOf(command);
  const below = command.commands.filter(child => child.name() !== 'help');
  const parts = [`${level} ${path}\n\n${sentence(command.description())}\n`];
  if (below.length === 0 || command.usage().includes('--') || command.options.length > 0) parts.push(usagePart(command));
  const examples = examplesOf(command, written);
  if (below.length === 0 || command.options.length > 0) parts.push(`\`\`\`text\n${examples.join('\n')}\n\`\`\`\n`);
  return [...parts, ...below.map(child => section(child, '####', written))].join('\n');
}

function usagePart(command) {
  const rows = [
    ...command.registeredArguments.map(argument => {
      const text = `${argument.name()}${argument.variadic ? '…' : ''}`;
      return [code(argument.required ? text : `[${text}]`), argument.description];
    }),
    ...optionRows(command),
  ].filter(([, meaning]) => meaning !== '');
  const usage = `${code(`${pathOf(command)} ${command.usage()}`)}\n`;
  return rows.length > 0 ? `${usage}\n${table(['Argument', 'Meaning'], rows)}\n` : usage;
}

function optionRows(command) {
  return command.options.map(({ flags, description, mandatory, defaultValue }) => [
    code(flags),
    `${description}${mandatory ? ' (required)' : ''}${defaultValue === undefined ? '' : ` (default ${defaultValue})`}`,
  ]);
}

function examplesOf(command, written) {
  written.text = '';
  command.outputHelp();
  const [, listed = ''] = /^Examples:\n((?: {2}parley .*\n?)+)/m.exec(written.text) ?? [];
  return listed
    .trimEnd()
    .split('\n')
    .map(line => line.trim());
}

function pathOf(command) {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function nounSection(noun) {
  const definitions = commandDefinitions.filter(definition => definition.noun === noun);
  return `### ${noun}\n\n${definitions.map(commandSection).join('\n')}`;
}

function commandSection(definition) {
  const own = Object.fromEntries(Object.entries(definition.parameters.shape).filter(([name]) => !(name in changeParameters)));
  const aliases = Object.entries(definition.aliases).map(
    ([alias, name]) => `${code(`-${alias}`)} for ${code(`-${parameterTitle(name)}`)}`,
  );
  const notes = [
    ...(definition.destroys ? [`It destroys ${definition.destroys}, and asks unless \`-Confirm:$false\` is given.`] : []),
    ...(aliases.length > 0 ? [`Also: ${aliases.join(', ')}.`] : []),
  ];
  const rows = parameterRows(own);
  return [
    `#### ${commandName(definition)}\n\n${sentence(definition.summary)}${notes.length > 0 ? ` ${notes.join(' ')}` : ''}\n`,
    ...(rows.length > 0 ? [`${table(['Parameter', 'Value', 'Meaning'], rows)}\n`] : []),
    `\`\`\`text\nparley ${definition.example.replaceAll(/\$\w+/g, "'$&'")}\n\`\`\`\n`,
  ].join('\n');
}

function parameterRows(shape) {
  return Object.entries(shape).map(([name, schema]) => {
    const kind = parameterKind(schema);
    const value =
      (kind.isSwitch ? 'switch' : undefined) ??
      kind.words?.map(code).join(', ') ??
      { boolean: '`$true`, `$false`', number: 'number', list: 'list', object: 'object', text: 'text' }[kind.type];
    return [code(`-${parameterTitle(name)}`), value, `${kind.required ? '**Required.** ' : ''}${sentence(kind.help)}`];
  });
}
