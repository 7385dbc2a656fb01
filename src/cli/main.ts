import { runCli } from './cli.ts';
import { processTerminal } from './terminal.ts';

// A reader that has seen enough (parley … | head) is no fault.
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  process.exit(fault.code === 'EPIPE' ? 0 : 1);
});

process.exitCode = await runCli(process.argv.slice(2), processTerminal());
