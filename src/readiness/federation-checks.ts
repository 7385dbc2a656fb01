import { failure } from '../base/failure.ts';
import type { Check, TargetVerdict } from './check-run.ts';
import type { Verdict } from './finding.ts';

/** FED-01: federation is on, for the deployment and for the tenant. */
export const federationSwitchCheck: Check = {
  id: 'FED-01',
  async run({ facts, targets }) {
    const deployment = facts.configuration.accessEdge.allowFederatedUsers;
    const tenant = targets.tenant.federation.allowFederatedUsers;
    const evidence = { deployment, tenant };
    if (deployment && tenant) {
      const message = `Federation is on for the deployment and for the tenant ${targets.tenant.name}.`;
      return [{ target: targets.tenant.name, verdict: { status: 'pass', from: 'store', message, evidence } }];
    }
    const off = deployment
      ? failure('TENANT_FEDERATION_SWITCHED_OFF', { tenant: targets.tenant.name })
      : failure('FEDERATION_SWITCHED_OFF');
    const fixCommand = deployment
      ? `parley tenant set ${targets.tenant.name} --federation on`
      : 'parley access-edge set --federation on';
    const verdict: Verdict = { status: 'fail', from: 'store', message: off.text, fix: off.fix, fixCommand, evidence };
    return [{ target: targets.tenant.name, verdict }];
  },
};

/** FED-02: exactly one Edge pool has federation on, and the route of every site with a pool leads to it. */
export const federationRouteCheck: Check = {
  id: 'FED-02',
  async run({ facts }) {
    const { configuration } = facts;
    const edges = [...configuration.edgeServers].filter(([, edge]) => edge.federationEnabled).map(([fqdn]) => fqdn);
    const [edge] = edges;
    if (edge === undefined || edges.length > 1) {
      const message =
        edge === undefined
          ? 'No Edge pool is published for federation.'
          : `${edges.length} Edge pools are published for federation (${edges.join(', ')}); there has to be one.`;
      const fix = 'Switch federation on for exactly one Edge pool.';
      const fixCommand = 'parley Set-CsEdgeServer -Identity EDGE-POOL -FederationEnabled true';
      return [
        { target: 'deployment', verdict: { status: 'fail', from: 'store', message, fix, fixCommand, evidence: { edges } } },
      ];
    }
    const sites = [...new Set([...configuration.pools.values()].map(pool => pool.site))];
    return sites.map((site): TargetVerdict => {
      const route = configuration.sites.get(site)?.federationRoute ?? null;
      const evidence = { site, route, edge };
      if (route === edge) {
        return {
          target: site,
          verdict: { status: 'pass', from: 'store', message: `${site} reaches partners through ${edge}.`, evidence },
        };
      }
      const message =
        route === null
          ? `The site ${site} has no federation route.`
          : `The site ${site} is routed to ${route}, but federation is on at ${edge}.`;
      const fix = `Point the federation route of ${site} to ${edge}.`;
      const fixCommand = `parley Set-CsSite -Identity ${site} -FederationRoute ${edge}`;
      return { target: site, verdict: { status: 'fail', from: 'store', message, fix, fixCommand, evidence } };
    });
  },
};
