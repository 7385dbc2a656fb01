import type { Command } from 'commander';
import { systemClock } from '../../base/clock.ts';
import { countOf } from '../../base/count-text.ts';
import { failure } from '../../base/failure.ts';
import { readFrontEndConfiguration } from '../../server/backup/make-backup.ts';
import { performRestore, planRestore, type Restored, type RestorePlan } from '../../server/backup/restore-backup.ts';
import { hasStore } from '../../server/open-store.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { Cli } from '../command-table.ts';
import { examples } from '../option-values.ts';
import { withProgress } from '../progress.ts';

interface RestoreOptions {
  readonly passphraseFile?: string;
  readonly withoutSecrets?: boolean;
  readonly acceptUnsealed?: boolean;
  readonly yes?: boolean;
}

/** parley restore: a backup in the place of a stopped Front End's store, on either engine. */
export function addRestoreCommand(restore: Command, cli: Cli): void {
  restore
    .argument('<file>', 'the backup')
    .usage('<file> --config FILE [options]')
    .description("Puts a backup in the place of a stopped Front End's store; what is there now is kept beside it.")
    .option(
      '--passphrase-file <file>',
      'proves that the backup is as it was made, and opens the secrets in it, which then take the place of those here',
    )
    .option('--without-secrets', 'restore although secrets are missing; says what is lost')
    .option('--accept-unsealed', 'restore although nothing proves that the file is as it was made')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      `
The store that --config names may be of another engine than the one the backup was made from. Edges take the restored
configuration as newer than the one they have, and signed-in users sign in again.
${examples(
  'restore contoso.parley-backup --config /etc/parley/frontend.yaml',
  'restore contoso.parley-backup --config /etc/parley/frontend.yaml --passphrase-file /root/passphrase --yes',
  'restore contoso.parley-backup --config /etc/parley/frontend.yaml --what-if',
)}`,
    )
    .action((file: string, options: RestoreOptions, command: Command) => cli.act(command, runner => run(file, options, runner)));
}

async function run(file: string, options: RestoreOptions, runner: CommandRunner): Promise<number> {
  const { config, whatIf } = runner.options;
  if (config === undefined) return runner.fail(failure('CONFIGURATION_NOT_GIVEN'));
  const configuration = readFrontEndConfiguration(config);
  if (!configuration.ok) return runner.fail(configuration.error);
  const { passphraseFile, withoutSecrets = false, acceptUnsealed = false, yes } = options;
  const order = {
    file,
    configuration: configuration.value,
    withoutSecrets,
    acceptUnsealed,
    ...(passphraseFile ? { passphraseFile } : {}),
  };
  let rows = 0;
  const plan = await withProgress(
    runner.terminal,
    systemClock,
    () => `Reading the backup: ${rows.toLocaleString('en-US')} rows`,
    () =>
      planRestore(order, count => {
        rows = count;
      }),
  );
  if (!plan.ok) return runner.fail(plan.error);
  if (whatIf) {
    runner.print(shown(plan.value), () => `What if: ${describe(plan.value)}`);
    return 0;
  }
  const { name } = configuration.value;
  const nothingThere = !hasStore(configuration.value);
  const confirmed = await runner.confirm(`the present configuration, users and history of ${name}`, name, yes || nothingThere);
  if (!confirmed.ok) return runner.fail(confirmed.error);
  const restored = await withProgress(runner.terminal, systemClock, 'Restoring', () => performRestore(plan.value, systemClock));
  if (!restored.ok) return runner.fail(restored.error);
  runner.print({ ...shown(plan.value), ...restored.value }, () => describe(plan.value) + outcome(restored.value, plan.value));
  return 0;
}

function shown({ header, rows, losses, secrets }: RestorePlan) {
  const { server, madeAt, revision } = header;
  return { server, madeAt, revision, rows, secrets: secrets ? [...secrets.keys()] : [], losses };
}

function describe({ header: { server, madeAt, revision }, rows }: RestorePlan): string {
  const count = (table: string, what: string) => countOf(rows[table] ?? 0, what);
  const contents = [count('configuration_objects', 'object'), count('users', 'user'), count('revisions', 'revision')];
  return `The backup of ${server}, made ${madeAt} at revision ${revision}: ${contents.join(', ')}.\n`;
}

function outcome({ epoch, kept }: Restored, { losses }: RestorePlan): string {
  const former = kept.length > 0 ? `What was there before: ${kept.join(', ')}\n` : '';
  const lost = losses.map(loss => `Note: ${loss}.\n`).join('');
  return `Restored as epoch ${epoch}. Start the Front End now; its Edges then take this configuration by themselves.\n${former}${lost}`;
}
