import { z } from 'zod';
import { failure } from '../../base/failure.ts';
import { fqdnField, nameField } from '../field.ts';
import { namedKind, type Reference } from '../kind.ts';

/** CsSite; its identity is its name. `federationRoute` names the Edge pool its users reach partners through. */
export const Site = z.object({
  displayName: z.string().max(256).default('').describe('its name for people'),
  description: z.string().max(1024).default('').describe('note for admins'),
  federationRoute: fqdnField
    .nullable()
    .default(null)
    .describe('the Edge pool its users reach partners through; $Null: no federation'),
});
export type Site = Readonly<z.infer<typeof Site>>;

/** The kind CsSite. */
export const site = namedKind({
  name: 'CsSite',
  title: 'site',
  about: 'A place. It names the Edge pool its users reach partners through.',
  owner: 'deployment',
  edge: true,
  field: 'sites',
  schema: Site,
  identity: nameField,
  identityHelp: 'the name of the site',
  references: {
    federationRoute: {
      kind: 'CsEdgeServer',
      missing: edge => failure('EDGE_UNKNOWN', { parameter: 'FederationRoute', edge }),
      use: identity => `it is the FederationRoute of site ${identity}`,
    },
  },
  example: '-Identity Redmond -DisplayName "Head office"',
  exampleOfSet: '-Identity Redmond -FederationRoute edge.contoso.com',
});

/** The attribute `site` of what stands in one. `what`: `pool`. */
export function siteReference(what: string): Reference {
  return {
    kind: site.name,
    missing: name => failure('SITE_UNKNOWN', { parameter: 'Site', site: name }),
    use: identity => `the ${what} ${identity} stands there`,
  };
}
