import { defineErrors } from './definition.ts';

/** Failures of stores. */
export const storeErrors = defineErrors({});
