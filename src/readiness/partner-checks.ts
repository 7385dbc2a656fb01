import { failure } from '../base/failure.ts';
import type { SipDomain } from '../model/names.ts';
import { findListEntry, isDiscoveryOn } from '../policy/classify-domain.ts';
import type { DomainClass } from '../policy/domain-class.ts';
import { describeClass } from '../policy/trace-steps.ts';
import { type Check, type CheckRun, type TargetVerdict, unknown } from './check-run.ts';
import type { Verdict } from './finding.ts';
import type { ProbedSrv } from './probe-job.ts';

/** FED-03: a partner's domain is permitted: listed or discoverable, and not blocked. */
export const domainPermittedCheck: Check = {
  id: 'FED-03',
  run: run =>
    forEveryDomain(run, async domain => {
      const { configuration } = run.facts;
      const { tenant } = run.targets;
      if (configuration.tenantByDomain.get(domain)?.id === tenant.id) return ownDomain(domain);
      const listed = findListEntry(tenant, domain);
      const evidence = {
        ...(listed ? { list: listed.list, entry: listed.domain } : {}),
        discovery: isDiscoveryOn(configuration, tenant),
        routingMethod: configuration.accessEdge.routingMethod,
      };
      if (listed?.list === 'blocked') {
        const blocked = failure('DOMAIN_BLOCKED', { domain, entry: listed.domain });
        const fixCommand = `parley domain allow ${domain}`;
        return { status: 'fail', from: 'store', message: blocked.text, fix: blocked.fix, fixCommand, evidence };
      }
      if (listed) {
        return { status: 'pass', from: 'store', message: `${domain} is on the allowed list (entry ${listed.domain}).`, evidence };
      }
      if (evidence.discovery) return { status: 'pass', from: 'store', message: `${domain} may be discovered.`, evidence };
      const domainClass = await run.classOf(domain);
      if (domainClass.ok && (domainClass.value.kind === 'PUBLIC' || domainClass.value.kind === 'DEFAULT_ROUTE')) {
        return { status: 'pass', from: 'edge', message: describeClass(domainClass.value), evidence };
      }
      // Only a public provider needs no entry; while DNS cannot be asked, the domain may be one of its.
      const mayBePublic = [...tenant.providers.values()].some(provider => provider.kind === 'public' && provider.enabled);
      if (!domainClass.ok && mayBePublic) return unknown('edge', domainClass.error);
      const refused = failure('DOMAIN_NOT_ALLOWED', { domain });
      const message = `${domain} is neither allowed nor discoverable.`;
      return { status: 'fail', from: 'store', message, fix: refused.fix, fixCommand: `parley domain allow ${domain}`, evidence };
    }),
};

/** FED-09: a partner's SRV record exists and leads where it may. */
export const partnerSrvCheck: Check = {
  id: 'FED-09',
  run: run =>
    forEverySrv(run, (domain, { srv, domainClass }) => {
      const evidence = { srv, class: domainClass.kind };
      if (srv.kind !== 'found') return notFound(domain, evidence);
      const isBadRecord =
        'code' in domainClass && (domainClass.code === 'SRV_NAME_CONFLICT' || domainClass.code === 'TARGET_IS_OWN_EDGE');
      if (isBadRecord) {
        const bad = failure(domainClass.code, domainClass.details);
        return { status: 'fail', from: 'edge', message: bad.text, fix: bad.fix, evidence };
      }
      const targets = srv.records.map(record => `${record.target}:${record.port}`).join(', ');
      return { status: 'pass', from: 'edge', message: `The SRV record of ${domain} leads to ${targets}.`, evidence };
    }),
};

/** FED-16: a domain hosted at a provider has that provider defined here, enabled. */
export const hostingProviderCheck: Check = {
  id: 'FED-16',
  run: run =>
    forEverySrv(run, (domain, { srv, domainClass }) => {
      const evidence = { srv, class: domainClass.kind };
      if (domainClass.kind === 'HOSTED' || domainClass.kind === 'PUBLIC') {
        return { status: 'pass', from: 'edge', message: describeClass(domainClass), evidence };
      }
      const code = 'code' in domainClass ? domainClass.code : undefined;
      if ('code' in domainClass && code === 'PROVIDER_DISABLED') {
        const disabled = failure(code, domainClass.details);
        const fixCommand = `parley provider enable ${domainClass.details.provider}`;
        return { status: 'fail', from: 'edge', message: disabled.text, fix: disabled.fix, fixCommand, evidence };
      }
      if ('code' in domainClass && code === 'SRV_NAME_CONFLICT') {
        const { target } = domainClass.details;
        const message = `${domain} is hosted at ${target}; no hosting provider with that proxy is defined.`;
        const fix = 'If that is a hosting provider you trust, define it.';
        const fixCommand = `parley provider add NAME ${target} --enable`;
        return { status: 'fail', from: 'edge', message, fix, fixCommand, evidence };
      }
      if (code === 'HOSTED_DOMAIN_NOT_ALLOWED') {
        return { status: 'pass', from: 'edge', message: `The provider that hosts ${domain} is defined and enabled.`, evidence };
      }
      return { status: 'skipped', from: 'edge', message: `${domain} is not hosted at a provider.`, evidence };
    }),
};

/** FED-11: a partner's server proves, to our Edge, that it may speak for the domain. */
export const partnerCertificateCheck: Check = {
  id: 'FED-11',
  run: run =>
    forEveryDomain(run, async domain => {
      const domainClass = await run.classOf(domain);
      if (!domainClass.ok) return unknown('edge', domainClass.error);
      if (!('targets' in domainClass.value)) {
        return { status: 'skipped', from: 'edge', message: `No server to ask: ${describeClass(domainClass.value)}` };
      }
      const { targets, expected } = domainClass.value;
      const [first] = targets;
      if (!first) return { status: 'skipped', from: 'edge', message: `${domain} has no server to ask.` };
      const answer = await run.probe({ kind: 'peer-certificate', host: first.host, port: first.port, expected: [...expected] });
      if (!answer.ok) return unknown('edge', answer.error);
      const { outcome, names, address, failure: why } = answer.value;
      const evidence = { host: first.host, port: first.port, expected, names, address, code: why?.code };
      if (outcome === 'verified') {
        const message = `${first.host} proves its name; its certificate holds ${names.join(', ')}.`;
        return { status: 'pass', from: 'edge', message, evidence };
      }
      const reason = why ?? failure('PEER_UNREACHABLE', { target: `${first.host}:${first.port}`, reason: 'no reason given' });
      if (outcome === 'no-answer') return { ...unknown('edge', reason), evidence };
      return { status: 'fail', from: 'edge', message: reason.text, fix: reason.fix, evidence };
    }),
};

async function forEveryDomain(run: CheckRun, judge: (domain: SipDomain) => Promise<Verdict>): Promise<readonly TargetVerdict[]> {
  return Promise.all(run.targets.domains.map(async domain => ({ target: domain, verdict: await judge(domain) })));
}

/** The SRV record of a domain, and the class it leads to. */
interface NeededSrv {
  readonly srv: ProbedSrv;
  readonly domainClass: DomainClass;
}

/** The same where `judge` needs the SRV record. */
function forEverySrv(run: CheckRun, judge: (domain: SipDomain, needed: NeededSrv) => Verdict): Promise<readonly TargetVerdict[]> {
  return forEveryDomain(run, async domain => {
    const asked = await askSrv(run, domain);
    return 'verdict' in asked ? asked.verdict : judge(domain, asked);
  });
}

/** The SRV record of a domain and the class it leads to; a verdict instead where the record plays no part or cannot be asked for. */
async function askSrv(run: CheckRun, domain: SipDomain): Promise<NeededSrv | { readonly verdict: Verdict }> {
  const domainClass = await run.classOf(domain);
  if (!domainClass.ok) return { verdict: unknown('edge', domainClass.error) };
  const { kind } = domainClass.value;
  if (kind === 'INTERNAL') return { verdict: ownDomain(domain) };
  if (kind === 'ALLOWED_SERVER' || kind === 'DEFAULT_ROUTE' || kind === 'TENANT' || kind === 'BLOCKED') {
    const verdict: Verdict = {
      status: 'skipped',
      from: 'store',
      message: `No SRV record is needed. ${describeClass(domainClass.value)}`,
    };
    return { verdict };
  }
  const answer = await run.probe({ kind: 'federation-srv', domain });
  if (!answer.ok) return { verdict: unknown('edge', answer.error) };
  const { srv } = answer.value;
  if (srv.kind === 'servfail' || srv.kind === 'timeout') {
    return { verdict: unknown('edge', failure('DNS_UNAVAILABLE', { domain, answer: srv.kind })) };
  }
  return { srv, domainClass: domainClass.value };
}

function notFound(domain: SipDomain, evidence: Readonly<Record<string, unknown>>): Verdict {
  const missing = failure('SRV_NOT_FOUND', { domain });
  const fixCommand = `parley domain allow ${domain} --proxy HOST`;
  return { status: 'fail', from: 'edge', message: missing.text, fix: missing.fix, fixCommand, evidence };
}

function ownDomain(domain: SipDomain): Verdict {
  return { status: 'skipped', from: 'store', message: `${domain} is our own domain; no federation is needed.` };
}
