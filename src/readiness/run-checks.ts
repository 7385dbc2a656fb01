import { type Check, CheckRun, type CheckTargets } from './check-run.ts';
import { federationRouteCheck, federationSwitchCheck } from './federation-checks.ts';
import { type Finding, finding, gateChecks } from './finding.ts';
import { ownSrvCheck } from './own-srv-check.ts';
import { domainPermittedCheck, hostingProviderCheck, partnerCertificateCheck, partnerSrvCheck } from './partner-checks.ts';
import { anyPolicyCheck, userPolicyCheck } from './policy-checks.ts';
import type { ReadinessFacts } from './readiness-facts.ts';
import { edgeReplicaCheck, edgeServiceCheck, enabledUsersCheck, registrarPoolCheck } from './server-checks.ts';

/** Every check, in the order an admin works through them. */
export const readinessChecks: readonly Check[] = [
  registrarPoolCheck,
  enabledUsersCheck,
  edgeServiceCheck,
  edgeReplicaCheck,
  federationSwitchCheck,
  federationRouteCheck,
  ownSrvCheck,
  domainPermittedCheck,
  partnerSrvCheck,
  partnerCertificateCheck,
  hostingProviderCheck,
  anyPolicyCheck,
  userPolicyCheck,
];

/** Runs every check for a tenant and the given partners and users; findings in the order of the list. */
export async function runChecks(facts: ReadinessFacts, targets: CheckTargets): Promise<readonly Finding[]> {
  const run = new CheckRun(facts, targets);
  const verdicts = await Promise.all(readinessChecks.map(async check => ({ check, found: await check.run(run) })));
  const nowMs = facts.clock.now();
  return verdicts.flatMap(({ check, found }) => found.map(({ target, verdict }) => finding(check.id, target, nowMs, verdict)));
}

/** Whether federation can work: no gate check failed or stayed unknown. */
export function isReady(findings: readonly Finding[]): boolean {
  return findings.every(f => !gateChecks.has(f.id) || f.status === 'pass' || f.status === 'warn' || f.status === 'skipped');
}
