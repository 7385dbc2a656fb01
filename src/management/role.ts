/** Roles, by the names of the original product's. CsAdministrator may run every command, another one those that declare it. */
export type RoleName = 'CsAdministrator' | 'CsUserAdministrator';

/** Roles of commands on users. */
export const userAdministrators: readonly RoleName[] = ['CsUserAdministrator'];
