import { z } from 'zod';
import { fqdnField, portField } from './field.ts';

/** CsSite; its identity is its name. `federationRoute` names the Edge pool its users reach partners through. */
export const Site = z.object({
  displayName: z.string().max(256).default('').describe('its name for people'),
  description: z.string().max(1024).default('').describe('note for admins'),
  federationRoute: fqdnField.nullable().default(null),
});
export type Site = Readonly<z.infer<typeof Site>>;

/** One machine of a pool. */
export const Computer = z.object({ fqdn: fqdnField });
export type Computer = Readonly<z.infer<typeof Computer>>;

/** CsPool; its identity is the pool's FQDN. Front Ends that home users. */
export const Pool = z.object({
  site: z.string().min(1).max(128),
  kind: z.enum(['StandardEdition', 'EnterpriseFrontEnd']).default('StandardEdition').describe('one server, or several in a pool'),
  computers: z.array(Computer).min(1),
  /** Where Edges and other Front Ends reach it: SIP over mutual TLS. */
  trunkPort: portField.default(5065),
});
export type Pool = Readonly<z.infer<typeof Pool>>;

/** CsEdgeServer; its identity is the Edge pool's internal FQDN. */
export const EdgeServer = z.object({
  site: z.string().min(1).max(128),
  /** The name partners know: what SRV records point to and the external certificate carries. */
  externalFqdn: fqdnField,
  computers: z.array(Computer).min(1),
  federationEnabled: z.boolean().default(false),
  accessEdgeInternalSipPort: portField.default(5061).describe('port for the Front Ends, SIP over mutual TLS'),
  accessEdgeExternalSipPort: portField.default(5061).describe('port for partners, SIP over mutual TLS'),
  accessEdgeClientSipPort: portField.default(443).describe('port for our own users from outside; no effect yet'),
  replicationPort: portField.default(4443).describe('port where the Front Ends push the configuration'),
  /** The pool that receives everything from outside. */
  registrar: fqdnField,
});
export type EdgeServer = Readonly<z.infer<typeof EdgeServer>>;
