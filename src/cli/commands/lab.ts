import { type Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../../base/clock.ts';
import { portCount } from '../../lab/deployment-plan.ts';
import { issueFiles } from '../../lab/issue-files.ts';
import { jsonReporter } from '../../lab/lab-reporter.ts';
import { runLab } from '../../lab/run-lab.ts';
import { textReporter } from '../../lab/text-reporter.ts';
import { maxWorkers } from '../../workers/flow-name.ts';
import type { Cli } from '../command-table.ts';
import { printFailure } from '../failure-output.ts';
import { exitCodes } from '../global-options.ts';
import { examples, parseCount } from '../option-values.ts';
import { jsonText } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface LabFlags {
  readonly dir?: string;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly zone?: string;
  readonly trust?: string;
  readonly store?: string;
  readonly workers?: number;
  readonly portBase?: number;
  readonly standardPorts?: boolean;
  readonly loadUsers?: number;
  readonly loadDomains?: number;
}

interface IssueFlags {
  readonly dir?: string;
  readonly json?: boolean;
  readonly eku?: 'server' | 'client' | 'both';
  readonly days?: number;
  readonly out?: string;
}

/** `parley lab`: two organisations that federate, on this machine; `parley lab issue`: certificates for a foreign partner. */
export function addLabCommand(command: Command, { terminal, act }: Cli): void {
  command
    .option('--dir <dir>', 'keep all state here, for the next start (default: a new temporary folder)')
    .option('--once', 'run the checks and the whole scenario, then stop; exit code 0 only if everything passed')
    .option('--zone <file>', 'extra DNS records, "name type data" a line')
    .option('--trust <file>', 'extra CA certificates that both Edges trust (PEM)')
    .option('--store <url>', 'keep the state of both organisations in this PostgreSQL database, each in a schema', parseStoreUrl)
    .option('--workers <count>', 'processes of each Front End that share its ports and its work (default 1)', parseWorkers)
    .option('--port-base <port>', 'use this port and those after it', parsePortBase)
    .addOption(new Option('--standard-ports', 'DNS on 53, SIP on 5061: inside a network namespace').conflicts('portBase'))
    .option('--load-users <count>', 'users u0, u1 … with passwords pw-u0, pw-u1 … in both organisations', parseCount)
    .option('--load-domains <count>', 'allowed domains d0.example, d1.example … in both organisations', parseCount)
    .addHelpText('after', examples('lab', 'lab --once', 'lab --dir ./lab --json', 'lab issue --dir ./lab edge.northwind.test'))
    .action((_flags, self: Command) => act(self, () => startLab(self.optsWithGlobals<LabFlags>(), terminal)));
  const issue = command
    .command('issue <fqdn...>')
    .description('Issues a certificate and key by the CA of a lab, which is made where there is none yet.');
  issue.copyInheritedSettings(command);
  issue
    .option('--eku <purpose>', 'server, client or both', parsePurpose)
    .option('--days <days>', 'valid for so many days (default 365)', parseCount)
    .option('--out <folder>', 'write the files here (default: the folder "issued" of the lab)')
    .addHelpText(
      'after',
      examples('lab issue edge.northwind.test --dir ./lab', 'lab issue edge.northwind.test --dir ./lab --eku server --days 30'),
    )
    .action((names: string[], _flags, self: Command) =>
      act(self, () => issueCertificate(names, self.optsWithGlobals<IssueFlags>(), self, terminal)),
    );
}

async function startLab(flags: LabFlags, terminal: Terminal): Promise<number> {
  const { dir, zone, trust, store, workers = 1, portBase, standardPorts = false, json = false } = flags;
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  const out = (text: string) => terminal.out(text);
  const error = (text: string) => terminal.error(text);
  const colours = terminal.isInteractive && (terminal.env.NO_COLOR ?? '') === '' && terminal.env.TERM !== 'dumb';
  try {
    return await runLab({
      ...(dir === undefined ? {} : { dir }),
      ...(zone === undefined ? {} : { zoneFile: zone }),
      ...(store === undefined ? {} : { store }),
      workers,
      trustFiles: trust === undefined ? [] : [trust],
      ports: standardPorts ? 'standard' : portBase === undefined ? 'free' : { base: portBase },
      load: { users: flags.loadUsers ?? 0, domains: flags.loadDomains ?? 0 },
      once: flags.once ?? false,
      signal: stop.signal,
      clock: systemClock,
      reporter: json ? jsonReporter(out, error) : textReporter({ out, error, colours }),
    });
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

async function issueCertificate(names: readonly string[], flags: IssueFlags, self: Command, terminal: Terminal): Promise<number> {
  const { dir, json = false, eku, days, out } = flags;
  if (dir === undefined) return self.error('error: --dir DIR is needed: the folder of the lab');
  const options = {
    ...(eku === undefined ? {} : { eku }),
    ...(days === undefined ? {} : { days }),
    ...(out === undefined ? {} : { out }),
  };
  const issued = await issueFiles(dir, names, options, systemClock);
  if (!issued.ok) {
    printFailure(terminal, issued.error, json);
    return exitCodes.failed;
  }
  const { certificateFile, keyFile, authorityFile } = issued.value;
  if (json) terminal.out(jsonText(issued.value));
  else terminal.out(`certificate  ${certificateFile}\nkey          ${keyFile}\nCA           ${authorityFile}\n`);
  return exitCodes.done;
}

function parsePortBase(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port + portCount - 1 <= 65_535) return port;
  throw new InvalidArgumentError(`Expected a port from 1 to ${65_536 - portCount}: the lab takes ${portCount} in a row.`);
}

function parseWorkers(text: string): number {
  const count = parseCount(text);
  if (count <= maxWorkers) return count;
  throw new InvalidArgumentError(`Expected at most ${maxWorkers}.`);
}

function parseStoreUrl(text: string): string {
  if (/^postgres(ql)?:\/\/./.test(text)) return text;
  throw new InvalidArgumentError('Expected postgres://user@host:5432/database.');
}

function parsePurpose(text: string): 'server' | 'client' | 'both' {
  if (text === 'server' || text === 'client' || text === 'both') return text;
  throw new InvalidArgumentError('Expected server, client or both.');
}
