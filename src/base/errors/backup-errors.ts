import { defineErrors } from './definition.ts';

/** Failures of backup and restore. */
export const backupErrors = defineErrors({
  BACKUP_DAMAGED: {
    text: 'The backup {file} is not whole: {reason}.',
    fix: 'Take another backup or another copy of this one; nothing was changed.',
    severity: 'error',
  },
  BACKUP_NEWER: {
    text: 'The backup {file} was made by a newer version ({product}, {found}); this program knows up to {known}.',
    fix: 'Restore it with that version or a later one; nothing was changed.',
    severity: 'error',
  },
  BACKUP_OF_AN_EDGE: {
    text: 'The configuration file {path} is of an Edge, which keeps nothing that only it has.',
    fix: 'Back up the Front End; a lost Edge is enrolled anew: parley edge prepare, then parley edge enrol BUNDLE.',
    severity: 'info',
  },
  BACKUP_SECRETS_ELSEWHERE: {
    text: "The secrets are in the Front End's data folder and never leave it through the API.",
    fix: 'Run this on the machine of the Front End, with --config FILE.',
    severity: 'info',
  },
  BACKUP_PASSPHRASE_NEEDED: {
    text: '{what} needs a passphrase.',
    fix: 'Write one of at least {length} characters into the first line of a file and name it with --passphrase-file FILE.',
    severity: 'info',
  },
  BACKUP_PASSPHRASE_WRONG: {
    text: 'The backup {file} cannot be opened with this passphrase: it was made with another one, or the file was changed.',
    fix: 'Give the passphrase the backup was made with; nothing was changed.',
    severity: 'error',
  },
  BACKUP_SEAL_BROKEN: {
    text: 'The backup {file} was changed since it was made: its seal does not hold.',
    fix: 'Take another copy, and find out who can write where this one lay; nothing was changed.',
    severity: 'error',
  },
  BACKUP_NOT_SEALED: {
    text: 'Nothing proves that the backup {file} is as it was made: {reason}.',
    fix: 'Give the passphrase it was sealed with (--passphrase-file FILE), or have the folder "secrets" of the Front End that made it in the data folder. If nobody else could write where it lay, restore with --accept-unsealed.',
    severity: 'error',
  },
  RESTORE_SECRETS_MISSING: {
    text: 'The backup needs secrets that are neither in it nor in {folder}: {missing}.',
    fix: 'Copy them there from the former machine; or restore with --without-secrets: then {loss}.',
    severity: 'error',
  },
  RESTORE_STORE_IN_USE: {
    text: 'The store {store} is in use by a running server, so nothing was restored.',
    fix: 'Stop every Front End that uses it (systemctl stop parley-frontend, or Ctrl-C where "parley serve" runs), restore, then start it again.',
    severity: 'info',
  },
});
