import { failure } from '../base/failure.ts';
import { effectiveExternalAccessPolicy } from '../model/effective-policy.ts';
import type { Aor } from '../model/names.ts';
import { type Check, type CheckRun, unknown } from './check-run.ts';
import type { Verdict } from './finding.ts';

/** POL-01: somebody may use federation. */
export const anyPolicyCheck: Check = {
  id: 'POL-01',
  async run({ facts, targets }) {
    const target = targets.tenant.name;
    const users = await facts.users.ofTenant(targets.tenant.id);
    if (!users.ok) return [{ target, verdict: unknown('store', users.error) }];
    let allowed = 0;
    let enabled = 0;
    for (const user of users.value) {
      if (!user.enabled) continue;
      enabled++;
      if (effectiveExternalAccessPolicy(facts.configuration, user).policy.enableFederationAccess) allowed++;
    }
    const evidence = { allowed, enabled };
    if (allowed > 0) {
      const message = `${allowed} of ${enabled} enabled users may talk to federated partners.`;
      return [{ target, verdict: { status: 'pass', from: 'store', message, evidence } }];
    }
    const message =
      enabled === 0
        ? 'No user is enabled, so no policy applies to anybody.'
        : 'No external access policy allows federation to any enabled user: nobody can use it.';
    const fix = 'Allow it in the global policy, or grant a policy that allows it to some users.';
    const fixCommand = 'parley policy set global --federation on';
    return [{ target, verdict: { status: 'fail', from: 'store', message, fix, fixCommand, evidence } }];
  },
};

/** POL-02: a chosen user may use federation, and which scope says so. */
export const userPolicyCheck: Check = {
  id: 'POL-02',
  run: run => Promise.all(run.targets.users.map(async aor => ({ target: aor, verdict: await judgeUser(run, aor) }))),
};

async function judgeUser({ facts, targets }: CheckRun, aor: Aor): Promise<Verdict> {
  const found = await facts.users.find(aor);
  if (!found.ok) return unknown('store', found.error);
  const user = found.value;
  if (!user || user.tenant !== targets.tenant.id) {
    const missing = failure('USER_UNKNOWN', { user: aor });
    return { status: 'fail', from: 'store', message: missing.text, fix: missing.fix, fixCommand: `parley user enable ${aor}` };
  }
  const { policy, source, danglingGrant } = effectiveExternalAccessPolicy(facts.configuration, user);
  const evidence = { source, enableFederationAccess: policy.enableFederationAccess, ...(danglingGrant ? { danglingGrant } : {}) };
  if (!policy.enableFederationAccess) {
    const message = `${aor} is governed by ${source}, which denies federation.`;
    const fix = 'Grant the user a policy that allows it.';
    return { status: 'fail', from: 'store', message, fix, fixCommand: `parley policy grant NAME ${aor}`, evidence };
  }
  if (danglingGrant !== undefined) {
    const message = `${aor} was granted the policy ${danglingGrant}, which no longer exists; ${source} applies, which allows federation.`;
    const fix = 'Grant the user a policy that exists.';
    return { status: 'warn', from: 'store', message, fix, fixCommand: `parley policy grant NAME ${aor}`, evidence };
  }
  if (!user.enabled) {
    const suspended = failure('USER_SUSPENDED', { user: aor });
    const fixCommand = `parley user resume ${aor}`;
    return { status: 'fail', from: 'store', message: suspended.text, fix: suspended.fix, fixCommand, evidence };
  }
  return { status: 'pass', from: 'store', message: `${aor} is governed by ${source}, which allows federation.`, evidence };
}
