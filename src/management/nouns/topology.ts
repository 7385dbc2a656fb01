import { z } from 'zod';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { deploymentOwner } from '../../model/configuration-object.ts';
import { fqdnField } from '../../model/field.ts';
import { Computer } from '../../model/topology.ts';
import type { ManagementState } from '../change-plan.ts';
import { type CommandDefinition, countOf } from '../command.ts';
import type { ConfigurationState } from '../configuration-state.ts';
import { getCommand, newCommand, removeCommand, setCommand } from '../object-commands.ts';
import { nameField, type ObjectNoun, type RuleOutcome } from '../object-noun.ts';

/** Machines as an admin lists them: by FQDN. */
const computers = z
  .array(z.union([fqdnField.transform(fqdn => ({ fqdn })), Computer]))
  .min(1)
  .max(64);

const site: ObjectNoun<'CsSite'> = {
  kind: 'CsSite',
  title: 'site',
  identity: nameField,
  identityHelp: 'the name of the site',
  example: '-Identity Redmond -DisplayName "Head office"',
  exampleOfSet: '-Identity Redmond -FederationRoute edge.contoso.com',
  help: { federationRoute: 'the Edge pool its users reach partners through; $Null: no federation' },
  rules(state, { body }) {
    const route = body.federationRoute;
    if (route === null || state.configuration.find('CsEdgeServer', deploymentOwner, route)) return ok({});
    return err(failure('EDGE_UNKNOWN', { parameter: 'FederationRoute', edge: route }));
  },
  removalRules(state, _owner, identity) {
    const use = siteUse(state.configuration, identity);
    return use ? err(failure('OBJECT_IN_USE', { noun: 'CsSite', identity, use })) : ok({});
  },
};

const pool: ObjectNoun<'CsPool'> = {
  kind: 'CsPool',
  title: 'pool',
  identity: fqdnField,
  identityHelp: 'the FQDN of the pool',
  example: '-Identity fe.contoso.com -Site Redmond -Computers fe1.contoso.com',
  exampleOfSet: '-Identity fe.contoso.com -TrunkPort 5065',
  parameters: { computers },
  help: {
    site: 'the site it stands in',
    computers: 'FQDNs of its machines',
    trunkPort: 'port for Edges and other Front Ends',
  },
  rules: (state, { body }) => requireSite(state, body.site),
  removalRules(state, _owner, identity) {
    const use = poolUse(state, identity);
    return use ? err(failure('OBJECT_IN_USE', { noun: 'CsPool', identity, use })) : ok({});
  },
};

const edgeServer: ObjectNoun<'CsEdgeServer'> = {
  kind: 'CsEdgeServer',
  title: 'Edge pool',
  identity: fqdnField,
  identityHelp: 'the internal FQDN of the Edge pool',
  example:
    '-Identity edge.contoso.com -Site Redmond -ExternalFqdn sip.contoso.com -Computers edge1.contoso.com -Registrar fe.contoso.com',
  exampleOfSet: '-Identity edge.contoso.com -FederationEnabled $true',
  parameters: { computers },
  help: {
    site: 'the site it stands in',
    externalFqdn: 'the name partners know: target of their SRV look-up, in the external certificate',
    computers: 'internal FQDNs of its machines',
    federationEnabled: 'the one Edge pool that partners talk to',
    registrar: 'the pool that receives everything from outside',
  },
  rules(state, { identity, body }) {
    const inSite = requireSite(state, body.site);
    if (!inSite.ok) return inSite;
    if (!state.configuration.find('CsPool', deploymentOwner, body.registrar)) {
      return err(failure('POOL_UNKNOWN', { parameter: 'Registrar', pool: body.registrar }));
    }
    const other =
      body.federationEnabled &&
      state.configuration.list('CsEdgeServer').find(e => e.identity !== identity && e.body.federationEnabled);
    return other ? err(failure('FEDERATION_EDGE_TAKEN', { other: other.identity })) : ok({});
  },
  removalRules(state, _owner, identity) {
    const routed = state.configuration.list('CsSite').find(s => s.body.federationRoute === identity);
    if (!routed) return ok({});
    return err(
      failure('OBJECT_IN_USE', { noun: 'CsEdgeServer', identity, use: `it is the FederationRoute of site ${routed.identity}` }),
    );
  },
};

/** New, Set, Get and Remove of sites, pools and Edge pools. */
export const topologyCommands: readonly CommandDefinition[] = [
  newCommand(site),
  setCommand(site),
  getCommand(site),
  removeCommand(site),
  newCommand(pool),
  setCommand(pool),
  getCommand(pool),
  removeCommand(pool),
  newCommand(edgeServer),
  setCommand(edgeServer),
  getCommand(edgeServer),
  removeCommand(edgeServer),
];

/** Sites are looked up by their exact name later, so the reference has to be exact as well. */
function requireSite(state: ManagementState, name: string): Result<RuleOutcome> {
  const found = state.configuration.find('CsSite', deploymentOwner, name);
  return found?.identity === name ? ok({}) : err(failure('SITE_UNKNOWN', { parameter: 'Site', site: name }));
}

function siteUse(state: ConfigurationState, identity: string): string | undefined {
  const inPool = state.list('CsPool').find(object => object.body.site === identity);
  if (inPool) return `the pool ${inPool.identity} stands there`;
  const inEdge = state.list('CsEdgeServer').find(object => object.body.site === identity);
  if (inEdge) return `the Edge pool ${inEdge.identity} stands there`;
  const policy = state.list('CsExternalAccessPolicy').find(object => object.identity === `site:${identity}`);
  return policy ? `the external access policy ${policy.identity} belongs to it` : undefined;
}

function poolUse(state: ManagementState, identity: string): string | undefined {
  const edge = state.configuration.list('CsEdgeServer').find(object => object.body.registrar === identity);
  if (edge) return `the Edge pool ${edge.identity} sends to it`;
  let users = 0;
  for (const user of state.users.all()) if (user.registrarPool === identity) users++;
  return users > 0 ? `${countOf(users, 'user')} homed on it` : undefined;
}
