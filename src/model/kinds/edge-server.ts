import { z } from 'zod';
import { failure } from '../../base/failure.ts';
import { err, ok } from '../../base/result.ts';
import { fqdnField, portField } from '../field.ts';
import { namedKind } from '../kind.ts';
import { Computer, computersParameter } from './computer.ts';
import { siteReference } from './site.ts';

/** CsEdgeServer; its identity is the Edge pool's internal FQDN. */
export const EdgeServer = z.object({
  site: z.string().min(1).max(128).describe('the site it stands in'),
  /** The name partners know: what SRV records point to and the external certificate carries. */
  externalFqdn: fqdnField.describe('the name partners know: target of their SRV look-up, in the external certificate'),
  computers: z.array(Computer).min(1).describe('internal FQDNs of its machines'),
  federationEnabled: z
    .boolean()
    .default(false)
    .describe('partners talk to this Edge pool: at most one has it, and the others carry nothing from or to partners'),
  accessEdgeInternalSipPort: portField.default(5061).describe('port for the Front Ends, SIP over mutual TLS'),
  accessEdgeExternalSipPort: portField
    .default(5061)
    .describe('port for partners, as their DNS record has to name it: parley check compares them'),
  accessEdgeClientSipPort: portField.default(443).describe('port for our own users from outside; no effect yet'),
  replicationPort: portField.default(4443).describe('port where the Front Ends push the configuration'),
  registrar: fqdnField.describe('the pool that receives everything from outside'),
});
export type EdgeServer = Readonly<z.infer<typeof EdgeServer>>;

/** The kind CsEdgeServer. */
export const edgeServer = namedKind({
  name: 'CsEdgeServer',
  title: 'Edge pool',
  about: 'A pool of Edges: the name partners know, its machines, its ports, and the pool that gets what comes from outside.',
  owner: 'deployment',
  edge: true,
  field: 'edgeServers',
  schema: EdgeServer,
  identity: fqdnField,
  identityHelp: 'the internal FQDN of the Edge pool',
  references: {
    site: siteReference('Edge pool'),
    registrar: {
      kind: 'CsPool',
      missing: pool => failure('POOL_UNKNOWN', { parameter: 'Registrar', pool }),
      use: identity => `the Edge pool ${identity} sends to it`,
    },
  },
  parameters: { computers: computersParameter },
  example:
    '-Identity edge.contoso.com -Site Redmond -ExternalFqdn sip.contoso.com -Computers edge1.contoso.com -Registrar fe.contoso.com',
  exampleOfSet: '-Identity edge.contoso.com -FederationEnabled $true',
  rules(state, { identity, body }) {
    if (!body.federationEnabled) return ok({});
    const others = state.configuration.list('CsEdgeServer').filter(edge => edge.identity !== identity);
    const other = others.find(edge => edge.body.federationEnabled === true)?.identity;
    return other === undefined ? ok({}) : err(failure('FEDERATION_EDGE_TAKEN', { other }));
  },
});
