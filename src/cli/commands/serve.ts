import type { Command } from 'commander';
import { failure } from '../../base/failure.ts';
import { serve } from '../../server/serve.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { Cli } from '../command-table.ts';
import { examples } from '../option-values.ts';

/** `parley serve`: runs one server, Front End or Edge, until it is told to stop. */
export function addServeCommand(command: Command, cli: Cli): void {
  command
    .usage('--config FILE [options]')
    .option('--stop-with-stdin', 'stop when standard input ends: for a supervisor that may be killed')
    .addHelpText('after', examples('serve --config /etc/parley/frontend.yaml', 'serve --config /etc/parley/edge.yaml'))
    .action(() => cli.act(command, runner => run(command.opts<{ stopWithStdin?: boolean }>().stopWithStdin === true, runner)));
}

async function run(stopWithStdin: boolean, runner: CommandRunner): Promise<number> {
  const { config } = runner.options;
  if (config === undefined) return runner.fail(failure('CONFIGURATION_NOT_GIVEN'));
  const started = await serve(config);
  if (!started.ok) return runner.fail(started.error);
  // a server is worth more than the line about it, which a full disk or a reader that is gone may keep back
  process.stdout.removeAllListeners('error').on('error', () => {});
  // one line for whoever started us: a person, the system's journal, the lab
  runner.terminal.out(`${JSON.stringify({ event: 'listening', pid: process.pid, ...started.value.listening })}\n`);
  await toldToStop(stopWithStdin);
  await started.value.close();
  // connections that a peer keeps half open would hold the process
  process.exit(0);
}

function toldToStop(stopWithStdin: boolean): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    if (stopWithStdin) process.stdin.on('end', () => resolve()).resume();
  });
}
