import type { Schema } from '../schema.ts';

/** What a backup does with each table: a table that is added to the schema has to be thought about here. */
const tableUse: Readonly<Record<keyof Schema, 'state' | 'history' | 'left out'>> = {
  store_state: 'state',
  configuration_objects: 'state',
  users: 'state',
  user_credentials: 'state',
  unique_claims: 'state',
  revisions: 'history',
  revision_changes: 'history',
  // of connections that are gone when a backup is restored
  bindings: 'left out',
};

/** Every table of the store. */
export const storeTables: readonly string[] = Object.keys(tableUse);

/** The tables that hold the present state; they are read together, so that they fit each other. */
export const stateTables: readonly string[] = storeTables.filter(table => tableUse[table as keyof Schema] === 'state');
