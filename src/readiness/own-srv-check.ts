import type { EdgeServer } from '../model/kinds/edge-server.ts';
import type { SipDomain } from '../model/names.ts';
import { passesStrictNameRule } from '../resolve/strict-name.ts';
import { type Check, type CheckRun, unknown } from './check-run.ts';
import type { Verdict } from './finding.ts';
import type { AnswerTo } from './probe-job.ts';

/** FED-06: partners who look for one of our domains find our Edge, and may believe what they find. */
export const ownSrvCheck: Check = {
  id: 'FED-06',
  run: run =>
    Promise.all(
      [...run.targets.tenant.sipDomains]
        .filter(([, entry]) => entry.verified)
        .map(async ([domain]) => ({ target: domain, verdict: await judgeDomain(run, domain) })),
    ),
};

async function judgeDomain(run: CheckRun, domain: SipDomain): Promise<Verdict> {
  const pool = run.federationEdge;
  const edge = pool === undefined ? undefined : run.facts.configuration.edgeServers.get(pool);
  if (!edge) {
    return unknown('outside', { text: 'No Edge pool is published for federation.', fix: 'See FED-02.' });
  }
  const answer = await run.probe({ kind: 'own-srv', domain, edgeFqdn: edge.externalFqdn });
  if (!answer.ok) return unknown('outside', answer.error);
  const { srv, hosts } = answer.value;
  const record = `_sipfederationtls._tcp.${domain}`;
  if (srv.kind === 'servfail' || srv.kind === 'timeout') {
    return unknown('outside', {
      text: `DNS did not answer for ${record} (${srv.kind}).`,
      fix: 'Check the name servers the Edge uses.',
    });
  }
  const isHosted = isHostingEdge(run, edge);
  const wanted = `${record} SRV 0 0 ${edge.accessEdgeExternalSipPort} ${isHosted ? edge.externalFqdn : `sip.${domain}`}`;
  const fix = `Publish in DNS: ${wanted}, and an address of the Edge for that host.`;
  const evidence = { srv, hosts, wanted };
  if (srv.kind !== 'found') {
    return {
      status: 'fail',
      from: 'outside',
      message: `There is no record ${record}: partners of ${domain} do not find us.`,
      fix,
      evidence,
    };
  }
  const problems = srv.records.map(r => problemOf(r, domain, edge, hosts, isHosted));
  const bad = problems.filter(problem => problem !== undefined);
  if (bad.length === 0) {
    const message = `Partners find ${domain} at ${srv.records.map(r => `${r.target}:${r.port}`).join(', ')}, our Edge.`;
    return { status: 'pass', from: 'outside', message, evidence };
  }
  const status = bad.length === problems.length ? 'fail' : 'warn';
  return { status, from: 'outside', message: `The record ${record} is wrong: ${bad.join('; ')}.`, fix, evidence };
}

/**
 * Whether partners reach the tenant as a customer of a provider: the Edge stands in a domain that is not the tenant's, so
 * partners need a provider entry and the strict name rule does not apply.
 */
function isHostingEdge(run: CheckRun, edge: EdgeServer): boolean {
  for (const domain of run.targets.tenant.sipDomains.keys()) if (passesStrictNameRule(edge.externalFqdn, domain)) return false;
  return true;
}

function problemOf(
  record: { readonly target: string; readonly port: number },
  domain: SipDomain,
  edge: EdgeServer,
  hosts: AnswerTo<'own-srv'>['hosts'],
  isHosted: boolean,
): string | undefined {
  const addressesOf = (host: string) => hosts.find(h => h.host === host)?.addresses ?? [];
  if (isHosted ? record.target !== edge.externalFqdn : !passesStrictNameRule(record.target, domain)) {
    return isHosted
      ? `it points to ${record.target}, not to the proxy ${edge.externalFqdn}`
      : `${record.target} is not a host directly in ${domain}, so partners refuse it`;
  }
  if (record.port !== edge.accessEdgeExternalSipPort) {
    return `it names port ${record.port}, the Edge listens on ${edge.accessEdgeExternalSipPort}`;
  }
  const addresses = addressesOf(record.target);
  if (addresses.length === 0) return `${record.target} has no address`;
  const ours = addressesOf(edge.externalFqdn);
  if (record.target !== edge.externalFqdn && !addresses.some(address => ours.includes(address))) {
    return `${record.target} has the address ${addresses.join(', ')}, which is not that of our Edge ${edge.externalFqdn}`;
  }
  return undefined;
}
