import { z } from 'zod';
import { countOf } from '../../base/count-text.ts';
import { failure } from '../../base/failure.ts';
import { err, ok } from '../../base/result.ts';
import { fqdnField, portField } from '../field.ts';
import { namedKind } from '../kind.ts';
import { Computer, computersParameter } from './computer.ts';
import { siteReference } from './site.ts';

/** CsPool; its identity is the pool's FQDN. Front Ends that home users. */
export const Pool = z.object({
  site: z.string().min(1).max(128).describe('the site it stands in'),
  kind: z
    .enum(['StandardEdition', 'EnterpriseFrontEnd'])
    .default('StandardEdition')
    .describe('one server, or several in a pool; no effect yet'),
  computers: z.array(Computer).min(1).describe('FQDNs of its machines'),
  /** Where Edges and other Front Ends reach it: SIP over mutual TLS. */
  trunkPort: portField.default(5065).describe('port for Edges and other Front Ends'),
});
export type Pool = Readonly<z.infer<typeof Pool>>;

/** The kind CsPool. */
export const pool = namedKind({
  name: 'CsPool',
  title: 'pool',
  about: 'One or several Front Ends that home users.',
  owner: 'deployment',
  edge: true,
  field: 'pools',
  schema: Pool,
  identity: fqdnField,
  identityHelp: 'the FQDN of the pool',
  references: { site: siteReference('pool') },
  parameters: { computers: computersParameter },
  example: '-Identity fe.contoso.com -Site Redmond -Computers fe1.contoso.com',
  exampleOfSet: '-Identity fe.contoso.com -TrunkPort 5065',
  removalRules(state, { identity }) {
    let users = 0;
    for (const user of state.users.all()) if (user.registrarPool === identity) users++;
    if (users === 0) return ok({});
    const use = `${countOf(users, 'user')} homed on it`;
    return err(failure('OBJECT_IN_USE', { noun: 'CsPool', identity, use }));
  },
});
