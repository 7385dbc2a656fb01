import { defineErrors } from './definition.ts';

/** Failures of federations. */
export const federationErrors = defineErrors({});
