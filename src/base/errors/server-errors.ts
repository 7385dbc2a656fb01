import { defineErrors } from './definition.ts';

/** Failures of servers. */
export const serverErrors = defineErrors({});
