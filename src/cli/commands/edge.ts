import type { Command } from 'commander';
import { systemClock } from '../../base/clock.ts';
import { failure } from '../../base/failure.ts';
import { err, type Result } from '../../base/result.ts';
import { prepareEdge, readEdgeConfiguration, signEdgeRequest, takeEnrolment } from '../../server/edge-enrolment.ts';
import type { EdgeServerConfiguration } from '../../server/server-configuration.ts';
import { writeWholeFile } from '../../server/whole-file.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { Cli } from '../command-table.ts';
import { examples, parseCount } from '../option-values.ts';

/** parley edge …: the way of a new Edge into its deployment; the key is made on the Edge and never leaves it (D27). */
export function addEdgeCommands(edge: Command, cli: Cli): void {
  edge.addHelpText(
    'after',
    examples('edge prepare --config /etc/parley/edge.yaml', 'edge bundle edge1.contoso.com --out edge1.json'),
  );
  edge
    .command('prepare')
    .description('On the Edge: makes its internal key and the request for its certificate, at the places --config names.')
    .addHelpText('after', examples('edge prepare --config /etc/parley/edge.yaml'))
    .action((_options: object, command: Command) => cli.act(command, prepare));
  edge
    .command('sign <request> <fqdns...>')
    .description('Where the internal CA is: signs the request of a server, an Edge or a Front End, for these names.')
    .requiredOption('--authority <file>', 'certificate of the internal CA')
    .requiredOption('--authority-key <file>', 'its key')
    .requiredOption('--out <file>', 'where the certificate goes')
    .option('--days <n>', 'how long it is valid', parseCount, 365)
    .addHelpText(
      'after',
      examples('edge sign edge1.csr edge1.contoso.com --authority ca.pem --authority-key ca-key.pem --out edge1.pem'),
    )
    .action((request: string, fqdns: string[], options: SignOptions, command: Command) =>
      cli.act(command, runner => sign(request, fqdns, options, runner)),
    );
  edge
    .command('bundle <fqdn>')
    .description('On a Front End: makes the enrolment bundle of an Edge computer of the topology. Good for a day.')
    .requiredOption('--out <file>', 'where the bundle goes')
    .addHelpText('after', examples('edge bundle edge1.contoso.com --out edge1.json'))
    .action((fqdn: string, { out }: { out: string }, command: Command) => cli.act(command, runner => bundle(fqdn, out, runner)));
  edge
    .command('enrol <bundle>')
    .description('On the Edge: takes the bundle, in place of the one taken before; the Edge uses it from its next start.')
    .addHelpText('after', examples('edge enrol edge1.json --config /etc/parley/edge.yaml'))
    .action((file: string, _options: object, command: Command) => cli.act(command, runner => enrol(file, runner)));
}

interface SignOptions {
  readonly authority: string;
  readonly authorityKey: string;
  readonly out: string;
  readonly days: number;
}

function configurationOf(runner: CommandRunner): Result<EdgeServerConfiguration> {
  const { config } = runner.options;
  return config === undefined ? err(failure('CONFIGURATION_NOT_GIVEN')) : readEdgeConfiguration(config);
}

async function prepare(runner: CommandRunner): Promise<number> {
  const configuration = configurationOf(runner);
  if (!configuration.ok) return runner.fail(configuration.error);
  const prepared = await prepareEdge(configuration.value);
  if (!prepared.ok) return runner.fail(prepared.error);
  const { fqdn, keyFile, requestFile } = prepared.value;
  runner.print(
    prepared.value,
    () =>
      `The key of ${fqdn} is in ${keyFile} and stays there.\n` +
      `Carry ${requestFile} to the internal CA, and name its Edge pool there too where that has another name: ` +
      `parley edge sign ${requestFile} ${fqdn} POOL --authority FILE --authority-key FILE --out FILE\n`,
  );
  return 0;
}

async function sign(requestFile: string, names: readonly string[], options: SignOptions, runner: CommandRunner): Promise<number> {
  const { authority: authorityFile, authorityKey: authorityKeyFile, days } = options;
  const signed = await signEdgeRequest({ requestFile, names, authorityFile, authorityKeyFile, days }, systemClock);
  if (!signed.ok) return runner.fail(signed.error);
  return report(options.out, signed.value, `The certificate of ${names.join(', ')} is in ${options.out}.`, runner);
}

async function bundle(fqdn: string, out: string, runner: CommandRunner): Promise<number> {
  const answer = await runner.send('New-CsEdgeEnrolment', { identity: fqdn });
  if (!answer.ok) return runner.fail(answer.error);
  const text = String(answer.value.objects[0]?.bundle ?? '');
  return report(out, text, `Carry ${out} to ${fqdn}; there: parley edge enrol ${out} --config FILE`, runner);
}

async function enrol(file: string, runner: CommandRunner): Promise<number> {
  const configuration = configurationOf(runner);
  if (!configuration.ok) return runner.fail(configuration.error);
  const taken = takeEnrolment(configuration.value, file, systemClock);
  if (!taken.ok) return runner.fail(taken.error);
  const { recipient, internalNames, epoch } = taken.value;
  runner.print(
    { recipient, internalNames, epoch },
    () => `${recipient} believes ${internalNames.join(' and ')} from its next start on.\n`,
  );
  return 0;
}

function report(file: string, text: string, message: string, runner: CommandRunner): number {
  const written = writeWholeFile(file, text, 0o644);
  if (!written.ok) return runner.fail(written.error);
  runner.print({ file }, () => `${message}\n`);
  return 0;
}
