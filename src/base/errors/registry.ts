import { backupErrors } from './backup-errors.ts';
import { bodyErrors } from './body-errors.ts';
import { certificateErrors } from './certificate-errors.ts';
import { commandErrors } from './command-errors.ts';
import { configurationFileErrors } from './configuration-file-errors.ts';
import type { ErrorDefinition } from './definition.ts';
import { federationErrors } from './federation-errors.ts';
import { identityErrors } from './identity-errors.ts';
import { labErrors } from './lab-errors.ts';
import { messageErrors } from './message-errors.ts';
import { presenceErrors } from './presence-errors.ts';
import { serverErrors } from './server-errors.ts';
import { storeErrors } from './store-errors.ts';

const tables = {
  ...messageErrors,
  ...bodyErrors,
  ...identityErrors,
  ...federationErrors,
  ...presenceErrors,
  ...certificateErrors,
  ...commandErrors,
  ...storeErrors,
  ...backupErrors,
  ...configurationFileErrors,
  ...serverErrors,
  ...labErrors,
};

/** Stable code of an expected failure; a documentation page of the same name explains it. */
export type ErrorCode = keyof typeof tables;

/** The one registry of expected failures. */
export const errorRegistry: Readonly<Record<ErrorCode, ErrorDefinition>> = tables;
