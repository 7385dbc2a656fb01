import { defineErrors } from './definition.ts';

/** Failures of certificates. */
export const certificateErrors = defineErrors({});
