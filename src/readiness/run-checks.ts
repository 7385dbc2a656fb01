import { type FaultTaker, surfaceFault } from '../base/boundary.ts';
import { type Check, CheckRun, type CheckTargets, type TargetVerdict } from './check-run.ts';
import { federationRouteCheck, federationSwitchCheck } from './federation-checks.ts';
import { type Finding, finding } from './finding.ts';
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

/**
 * Runs every check for a tenant and the given partners and users; findings in the order of the list. A check that fails by a fault of ours says
 * so in a finding of its own, and the others are run all the same; `onFault` is told.
 */
export async function runChecks(
  facts: ReadinessFacts,
  targets: CheckTargets,
  checks: readonly Check[] = readinessChecks,
  onFault: FaultTaker = surfaceFault,
): Promise<readonly Finding[]> {
  const run = new CheckRun(facts, targets);
  const verdicts = await Promise.all(checks.map(async check => ({ check, found: await runOne(check, run, onFault) })));
  const nowMs = facts.clock.now();
  return verdicts.flatMap(({ check, found }) => found.map(({ target, verdict }) => finding(check.id, target, nowMs, verdict)));
}

async function runOne(check: Check, run: CheckRun, onFault: FaultTaker): Promise<readonly TargetVerdict[]> {
  try {
    return await check.run(run);
  } catch (fault) {
    onFault(fault);
    const message = 'The check failed: our fault, and no word about what it looks at.';
    const fix = 'Report it, with the line "fault" that stands in the log of this server.';
    return [{ target: run.targets.tenant.name, verdict: { status: 'unknown', from: 'fe', message, fix } }];
  }
}
