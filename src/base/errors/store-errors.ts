import { defineErrors } from './definition.ts';

/** Failures of the store, and of the signed configuration an Edge runs from. */
export const storeErrors = defineErrors({
  DATA_FOLDER_NOT_WRITABLE: {
    text: 'The data folder {path} cannot be written: {reason}.',
    fix: 'Create it and give it to the account Parley runs as, or name another one in the configuration file.',
    severity: 'error',
  },
  DATABASE_NEWER: {
    text: 'The database {path} was written by a newer version: it has schema {found}, this program knows schemas up to {known}.',
    fix: 'Start the newer version again, or restore a backup made before the upgrade (parley restore FILE --config FILE); nothing was changed.',
    severity: 'error',
  },
  DATABASE_CORRUPT: {
    text: 'The database {path} is damaged: {reason}.',
    fix: 'Restore the last backup: parley restore FILE --config FILE; the damaged file is kept beside it.',
    severity: 'error',
  },
  DATABASE_IN_USE: {
    text: 'The database {path} is in use by another process.',
    fix: 'The server runs already, or another one has the same dataFolder in its configuration file: stop it, or give each its own.',
    severity: 'error',
  },
  DATABASE_GONE: {
    text: 'The database file {path} was {what} while the server had it open: nothing can be saved any more.',
    fix: 'Make a backup of what the server still holds, then stop it, put the file back or restore a backup, and start it again; nothing of the change was kept.',
    severity: 'error',
    http: 503,
  },
  STORE_UNAVAILABLE: {
    text: 'The store cannot be used now: {reason}.',
    fix: 'Look at the disk and its free space, or at PostgreSQL where it is the store; nothing of the change was kept, repeat it afterwards.',
    severity: 'error',
    http: 503,
  },
  STORE_OUTCOME_UNKNOWN: {
    text: 'The connection to the store broke while the change was being saved: {reason}.',
    fix: 'The change may have been kept: look at the history (parley history) before you repeat it.',
    severity: 'error',
    http: 503,
  },
  POSTGRES_REFUSED: {
    text: 'PostgreSQL at {server} refuses: {reason}.',
    fix: 'Check user, password, database and sslmode in "store"; the database has to exist and to belong to that user: createdb --owner USER DATABASE.',
    severity: 'error',
  },
  STORE_CONFLICT: {
    text: '{subject} was changed meanwhile: the change was made for version {expected}, the current one is {current}.',
    fix: 'Read it again and repeat the change.',
    severity: 'info',
    http: 409,
  },
  ALREADY_EXISTS: {
    text: '{kind} {identity} is refused: {holder} is already there.',
    fix: 'Change or remove {holder} first, or choose another name.',
    severity: 'info',
    http: 409,
  },
  NOT_FOUND: {
    text: 'There is no {kind} {identity}.',
    fix: 'Check the name; list what is there with the Get- command of its kind.',
    severity: 'info',
    http: 404,
  },
  SNAPSHOT_SIGNATURE_BAD: {
    text: 'The configuration sent for {recipient} is not signed by a key this Edge was enrolled with: {reason}.',
    fix: 'If the signing key was replaced, enrol the Edge again: parley edge bundle EDGE --out FILE; otherwise find out who sent it.',
    severity: 'error',
    http: 403,
  },
  SNAPSHOT_OLDER: {
    text: 'The configuration {epoch}.{number} is older than the installed one, {currentEpoch}.{currentNumber}.',
    fix: 'If an old data folder was copied back: restore the backup instead, which Edges follow: parley restore FILE --config FILE; otherwise find out who sent it.',
    severity: 'warning',
    http: 409,
  },
  SNAPSHOT_UNREADABLE: {
    text: 'The configuration snapshot {source} cannot be read: {reason}.',
    fix: 'Push a complete one from the Front End: parley replication invoke.',
    severity: 'error',
    http: 400,
  },
  SNAPSHOT_WRONG_RECIPIENT: {
    text: 'The configuration was made for {found}, this is {expected}.',
    fix: 'Check the computers of the Edge in the topology, and that each has its own state folder.',
    severity: 'error',
    http: 403,
  },
  SNAPSHOT_PARENT_UNKNOWN: {
    text: 'The change to the configuration builds on a state this Edge does not have.',
    fix: 'Nothing to do: the Front End sends the whole configuration next.',
    severity: 'info',
    http: 409,
  },
  SNAPSHOT_NOT_INSTALLED: {
    text: 'The configuration {epoch}.{number} could not be kept on disk: {reason}.',
    fix: "Look at free space and rights of the Edge's state folder.",
    severity: 'error',
    http: 503,
  },
  REPLICATION_PEER_REFUSED: {
    text: 'A connection to the replication port was refused: {reason}.',
    fix: 'Only the Front Ends named at enrolment may connect; after a change of the pool enrol the Edge again.',
    severity: 'warning',
    http: 403,
  },
  REPLICATION_REQUEST_INVALID: {
    text: 'The replication request is not understood: {reason}.',
    fix: 'Run the same version on Front End and Edge.',
    severity: 'warning',
    http: 400,
  },
  REPLICATION_PEER_BUSY: {
    text: 'The server {name} has more connections to the replication port than it needs.',
    fix: 'Look for a second server with the same certificate, or for a Front End that does not close its connections.',
    severity: 'warning',
    http: 503,
  },
  REPLICATION_BODY_TOO_LARGE: {
    text: 'The replication request is larger than {limit} bytes.',
    fix: 'Look why the configuration grew so far: the limit is fixed.',
    severity: 'warning',
    http: 413,
  },
  EDGE_UNREACHABLE: {
    text: 'The Edge {fqdn} cannot be reached on port {port}: {reason}.',
    fix: 'Check that it runs, its name in DNS, and that the firewall lets the Front End in on the replication port.',
    severity: 'error',
    http: 502,
  },
  REPLICATION_CERTIFICATE: {
    text: 'The certificates of Front End and Edge {fqdn} do not fit: {reason}.',
    fix: 'Renew the internal certificate of the side named, or enrol the Edge again.',
    severity: 'error',
    http: 502,
  },
  REPLICATION_APPLY_FAILED: {
    text: 'The Edge {fqdn} refused the configuration: {reason}.',
    fix: 'Do what the reason says, then push again: parley replication invoke.',
    severity: 'error',
    http: 502,
  },
  REPLICATION_STATUS_MISSING: {
    text: 'The Edge {fqdn} has not reported its state: {reason}.',
    fix: 'Look at the log of the Edge; its replication port answers, but not as expected.',
    severity: 'warning',
    http: 502,
  },
  EDGE_NOT_IN_TOPOLOGY: {
    text: 'There is no Edge computer {fqdn} in the topology.',
    fix: 'Use one that is listed: parley replication status.',
    severity: 'info',
    http: 404,
  },
  ENROLMENT_BUNDLE_UNREADABLE: {
    text: 'The enrolment bundle {source} cannot be used: {reason}.',
    fix: 'Make a new one at the Front End: parley edge bundle EDGE --out FILE.',
    severity: 'error',
    http: 400,
  },
});
