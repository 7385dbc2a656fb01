import type { Command } from 'commander';

/** Exit codes of every command. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** The options of every command: which server, which tenant, and the form of the output. */
export function addGlobalOptions(command: Command): Command {
  return command
    .option('--api <url>', 'management API of the server (or PARLEY_API)')
    .option('--token-file <file>', 'file with the token for it (or PARLEY_TOKEN_FILE)')
    .option('--ca-file <file>', 'authority of its certificate, PEM, where no public one issued it (or PARLEY_CA_FILE)')
    .option('--lab <file>', 'lab.json of a running lab')
    .option('--org <name>', 'organisation in that lab')
    .option('--config <file>', "the server's configuration file: API address and token file are taken from it")
    .option('--tenant <name>', 'tenant meant, where there are several')
    .option('--what-if', 'say what would change, change nothing')
    .option('--json', 'print JSON');
}
