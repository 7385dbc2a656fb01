import { defineErrors } from './definition.ts';

/** Failures of a server's configuration file and start. */
export const configurationFileErrors = defineErrors({
  CONFIGURATION_UNREADABLE: {
    text: 'The configuration file {path} cannot be used: {reason}.',
    fix: 'Give the right path with --config FILE.',
    severity: 'error',
  },
  CONFIGURATION_INVALID: {
    text: 'The configuration file {path}, line {line}: {detail}.',
    fix: 'Correct that line; the server does not start half configured.',
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
});
