import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { systemClock } from '../../base/clock.ts';
import { countOf } from '../../base/count-text.ts';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { linesOf } from '../../server/backup/backup-file.ts';
import {
  type BackupFacts,
  makeBackup,
  type PassphraseSeal,
  readFrontEndConfiguration,
  stoppedServerBackupLines,
} from '../../server/backup/make-backup.ts';
import { readPassphrase } from '../../server/backup/sealed-secrets.ts';
import { readSecrets } from '../../server/backup/secrets-folder.ts';
import { hasStore } from '../../server/open-store.ts';
import { download } from '../api-client.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { Cli } from '../command-table.ts';
import type { ShownFailure } from '../failure-output.ts';
import { examples } from '../option-values.ts';
import { withProgress } from '../progress.ts';

interface BackupOptions {
  readonly withSecrets?: boolean;
  readonly passphraseFile?: string;
  readonly replace?: boolean;
}

const secretsText = `
The file holds configuration, users, history and users' passwords in sealed form. The keys that open those, and
the key whose signature the Edges believe, are in the file only with --with-secrets, sealed with a passphrase.
Without them a backup is of use only where the folder "secrets" of the Front End is still there.

The whole file is sealed with a key of the Front End, and with the passphrase where one is given: a later change of it is noticed.
`;

/** parley backup: the store of a Front End in one file, whichever engine keeps it, while the server runs or not. */
export function addBackupCommand(backup: Command, cli: Cli): void {
  backup
    .argument('<file>', 'where the backup goes; readable by its owner alone')
    .description('Writes configuration, users and history of a Front End into one file; the server may run.')
    .option('--with-secrets', 'put the keys of the data folder in too; needs --config and --passphrase-file')
    .option('--passphrase-file <file>', 'its first line seals the file, and the secrets in it')
    .option('--replace', 'replace the file if it is there')
    .addHelpText(
      'after',
      secretsText +
        examples(
          'backup contoso.parley-backup --config /etc/parley/frontend.yaml',
          'backup contoso.parley-backup --config /etc/parley/frontend.yaml --with-secrets --passphrase-file /root/passphrase',
          'backup lab.parley-backup --lab DIR/lab.json --org contoso',
        ),
    )
    .action((file: string, options: BackupOptions, command: Command) => cli.act(command, runner => run(file, options, runner)));
}

async function run(file: string, options: BackupOptions, runner: CommandRunner): Promise<number> {
  if (existsSync(file) && !options.replace) return runner.fail(failure('FILE_EXISTS', { path: file }));
  const sealing = passphraseSeal(options, runner);
  if (!sealing.ok) return runner.fail(sealing.error);
  let rows = 0;
  const made = await withProgress(
    runner.terminal,
    systemClock,
    () => `Writing the backup: ${rows.toLocaleString('en-US')} rows`,
    async (): Promise<Result<BackupFacts, ShownFailure>> => {
      const lines = await sourceOf(file, runner);
      if (!lines.ok) return lines;
      return makeBackup(file, lines.value, sealing.value, count => {
        rows = count;
      });
    },
  );
  if (!made.ok) return runner.fail(made.error);
  runner.print({ file, ...made.value }, () => report(file, made.value));
  return 0;
}

function passphraseSeal(
  { withSecrets, passphraseFile }: BackupOptions,
  runner: CommandRunner,
): Result<PassphraseSeal | undefined> {
  if (!withSecrets && passphraseFile === undefined) return ok(undefined);
  if (!withSecrets) {
    const passphrase = readPassphrase(passphraseFile, '');
    return passphrase.ok ? ok({ passphrase: passphrase.value }) : passphrase;
  }
  const { config } = runner.options;
  if (config === undefined) return err(failure('BACKUP_SECRETS_ELSEWHERE'));
  const configuration = readFrontEndConfiguration(config);
  if (!configuration.ok) return configuration;
  const passphrase = readPassphrase(passphraseFile, 'A backup with secrets');
  if (!passphrase.ok) return passphrase;
  const files = readSecrets(configuration.value.dataFolder);
  return files.ok ? ok({ files: files.value, passphrase: passphrase.value }) : files;
}

/** From the running server; when nothing listens there and its configuration is at hand, from its store. */
async function sourceOf(file: string, runner: CommandRunner): Promise<Result<AsyncIterable<string>, ShownFailure>> {
  const { config } = runner.options;
  if (config !== undefined) {
    const configuration = readFrontEndConfiguration(config);
    if (!configuration.ok) return configuration;
    const running = await sourceOfServer(file, runner);
    if (running.ok || running.error.code !== 'API_UNREACHABLE' || !hasStore(configuration.value)) return running;
    return ok(stoppedServerBackupLines(configuration.value, systemClock));
  }
  return sourceOfServer(file, runner);
}

async function sourceOfServer(file: string, runner: CommandRunner): Promise<Result<AsyncIterable<string>, ShownFailure>> {
  const target = await runner.target();
  if (!target.ok) return target;
  const answer = await download(target.value, '/api/v1/backup');
  return answer.ok ? ok(linesOf(answer.value, file)) : answer;
}

function report(file: string, { server, revision, epoch, rows, secrets, sealedBy }: BackupFacts): string {
  const what = `${file} holds ${server} at revision ${epoch}.${revision} (${countOf(rows, 'row')}).\n${sealText(sealedBy)}`;
  if (secrets.length === 0) {
    return `${what}Its secrets are not in it: keep a copy of the folder "secrets" of the data folder, or use --with-secrets.\n`;
  }
  return `${what}In it too, sealed with the passphrase: ${secrets.join(', ')}. Who has both can sign in as any user: keep them apart.\n`;
}

function sealText(sealedBy: BackupFacts['sealedBy']): string {
  const seals: Readonly<Record<(typeof sealedBy)[number], string>> = {
    server: 'a key of this server',
    passphrase: 'the passphrase',
  };
  if (sealedBy.length > 0) return `Sealed with ${sealedBy.map(by => seals[by]).join(' and ')}: a later change is noticed.\n`;
  return 'WARNING: IT IS NOT SEALED. Whoever can write where it lies can change it unnoticed; use --passphrase-file FILE.\n';
}
