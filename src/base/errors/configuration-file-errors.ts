import { defineErrors } from './definition.ts';

/** Failures of a server's configuration file and start. */
export const configurationFileErrors = defineErrors({
  CONFIGURATION_UNREADABLE: {
    text: 'The configuration file {path} cannot be used: {reason}.',
    fix: 'Give the right path with --config FILE.',
    severity: 'error',
  },
  CONFIGURATION_NOT_GIVEN: {
    text: 'No configuration file was named.',
    fix: 'Name it with --config FILE.',
    severity: 'error',
  },
  CONFIGURATION_INVALID: {
    text: 'The configuration file {path}, line {line}: {detail}.',
    fix: 'Correct it there; docs/configuration.md says what each key takes.',
    severity: 'error',
  },
  PASSWORD_FILE_UNUSABLE: {
    text: 'The file {path} with a password or passphrase cannot be used: {reason}.',
    fix: 'Write it into the first line of that file, which nobody else may read.',
    severity: 'error',
  },
  SECRET_FILE_UNUSABLE: {
    text: 'The secret in {path} cannot be used: {reason}.',
    fix: 'Put the file back from a backup ("parley restore FILE --config FILE --passphrase-file FILE"); if it is lost, remove it and a new one is made: {loss}.',
    severity: 'error',
  },
  SEAL_KEYS_MISSING: {
    text: 'The key file {path} is missing, and only its keys open the passwords in the store.',
    fix: 'Put it back from the former machine or a backup ("parley restore FILE --config FILE --passphrase-file FILE"); if it is lost, make an empty file of that name: then every password has to be set again.',
    severity: 'error',
  },
  TOKEN_FILE_UNUSABLE: {
    text: 'The token file {path} cannot be used: {reason}.',
    fix: 'Write one "name token" pair on a line, each token at least 16 characters, readable by the server only.',
    severity: 'error',
  },
  PROCESS_DID_NOT_START: {
    text: 'The {process} did not start: {detail}',
    fix: 'Correct what it says and start again.',
    severity: 'error',
  },
  DEPLOYMENT_EMPTY: {
    text: 'Nothing is configured yet: there is no tenant.',
    fix: 'Make the first one: parley tenant new NAME.',
    severity: 'info',
    http: 409,
  },
  PROBE_ANSWER_UNUSABLE: {
    text: 'The Edge {fqdn} answered a probe in a way this version does not understand.',
    fix: 'Run the same version on Front End and Edge.',
    severity: 'warning',
    http: 502,
  },
  ROLE_IS_NO_EDGE: {
    text: 'The configuration file {path} is not of an Edge.',
    fix: 'Give the configuration file of the Edge with --config FILE.',
    severity: 'info',
  },
  FILE_EXISTS: {
    text: 'The file {path} is there already and is not replaced.',
    fix: 'Move it away first if it is really no longer needed.',
    severity: 'info',
  },
  FILE_NOT_READ: {
    text: 'The file {path} cannot be used: {reason}.',
    fix: 'Give the right path, readable by you.',
    severity: 'info',
  },
  FILE_NOT_WRITTEN: {
    text: 'The file {path} cannot be written: {reason}.',
    fix: 'Give a place you may write to; nothing was changed there.',
    severity: 'error',
  },
});
