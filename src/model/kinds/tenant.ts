import { z } from 'zod';
import { nameField } from '../field.ts';
import { namedKind } from '../kind.ts';

/** CsTenant; its identity is its name, its owner its id. An on-premises organisation is a deployment with one tenant. */
export const Tenant = z.object({
  displayName: z.string().min(1).max(256).describe('its name for people'),
});
export type Tenant = Readonly<z.infer<typeof Tenant>>;

/** The kind CsTenant. Its commands are its own: a tenant owns itself, and goes with everything that it owns. */
export const tenant = namedKind({
  name: 'CsTenant',
  title: 'tenant',
  about: 'An organisation. An on-premises deployment has one; a hosting provider has many.',
  owner: 'tenant',
  edge: true,
  field: 'entries',
  schema: Tenant,
  identity: nameField,
  identityHelp: 'the name of the tenant',
  verbs: [],
  example: '-Identity fabrikam -DisplayName "Fabrikam Ltd"',
  uniqueKeys: ({ identity }) => [`tenant-name ${identity.toLowerCase()}`],
});
