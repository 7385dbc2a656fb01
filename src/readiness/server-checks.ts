import { compareVersions } from '../model/configuration-version.ts';
import type { Check, CheckRun, TargetVerdict } from './check-run.ts';
import { unknown } from './check-run.ts';
import type { Verdict } from './finding.ts';
import type { EdgeStatus } from './readiness-facts.ts';

/** An Edge may be behind by a change that is younger than this. */
const replicaGraceMs = 600_000;
/** A report older than this says nothing about now. */
const reportGoodForMs = 120_000;
/** A refused snapshot is worth a warning for so long. */
const refusalShownMs = 86_400_000;

/** SRV-01: a registrar pool exists. */
export const registrarPoolCheck: Check = {
  id: 'SRV-01',
  async run({ facts }) {
    const pools = [...facts.configuration.pools.keys()];
    const verdict: Verdict =
      pools.length > 0
        ? { status: 'pass', from: 'store', message: `Users can be homed on ${pools.join(', ')}.`, evidence: { pools } }
        : {
            status: 'fail',
            from: 'store',
            message: 'No Standard Edition server or Front End pool is deployed.',
            fix: 'Add the pool to the topology.',
            fixCommand: 'parley New-CsPool -Identity FQDN -Site NAME -Computers FQDN',
          };
    return [{ target: 'deployment', verdict }];
  },
};

/** USR-01: somebody can sign in here. */
export const enabledUsersCheck: Check = {
  id: 'USR-01',
  async run({ facts, targets }) {
    const users = await facts.users.ofTenant(targets.tenant.id);
    const target = targets.tenant.name;
    if (!users.ok) return [{ target, verdict: unknown('store', users.error) }];
    let enabled = 0;
    for (const user of users.value) if (user.enabled && user.hostingProviderProxyFqdn === 'SRV:') enabled++;
    const verdict: Verdict =
      enabled > 0
        ? { status: 'pass', from: 'store', message: homedText(enabled), evidence: { enabled } }
        : {
            status: 'fail',
            from: 'store',
            message: 'No user account is enabled.',
            fix: 'Enable the users.',
            fixCommand: 'parley user enable ADDRESS --generate',
            evidence: { enabled },
          };
    return [{ target, verdict }];
  },
};

function homedText(enabled: number): string {
  return enabled === 1 ? '1 enabled user is homed here.' : `${enabled} enabled users are homed here.`;
}

/** EDG-01: an Edge pool is defined and its service runs on every member. */
export const edgeServiceCheck: Check = {
  id: 'EDG-01',
  run: run => aboutEveryEdge(run, (machine, status, nowMs) => serviceVerdict(machine, status, nowMs)),
};

/** EDG-02: every Edge runs from the configuration as it is, or nearly. */
export const edgeReplicaCheck: Check = {
  id: 'EDG-02',
  run: run => aboutEveryEdge(run, (machine, status, nowMs) => replicaVerdict(run, machine, status, nowMs)),
};

async function aboutEveryEdge(
  { facts }: CheckRun,
  judge: (machine: string, status: EdgeStatus | undefined, nowMs: number) => Verdict,
): Promise<readonly TargetVerdict[]> {
  const machines = [...facts.configuration.edgeServers.values()].flatMap(edge => edge.computers.map(c => String(c.fqdn)));
  if (machines.length === 0) {
    const verdict: Verdict = {
      status: 'fail',
      from: 'store',
      message: 'No Edge Server is deployed.',
      fix: 'Add the Edge pool to the topology, then enrol its machine with "parley edge".',
      fixCommand: 'parley New-CsEdgeServer --help',
    };
    return [{ target: 'deployment', verdict }];
  }
  const statuses = await facts.edgeStatuses();
  return machines.map(machine => ({
    target: machine,
    verdict: statuses.ok
      ? judge(
          machine,
          statuses.value.find(status => status.replicaFqdn === machine),
          facts.clock.now(),
        )
      : unknown('fe', statuses.error),
  }));
}

function serviceVerdict(machine: string, status: EdgeStatus | undefined, nowMs: number): Verdict {
  const fix = `Start the service on ${machine}: parley serve --config FILE. If it runs, see that TCP 4443 from the Front End to it is open.`;
  const evidence = { ...status };
  if (status?.running === undefined) {
    return { status: 'unknown', from: 'fe', message: `${machine} has not reported yet whether it serves.`, fix, evidence };
  }
  if (!status.running) {
    const message = `The Access Edge is down on ${machine}${status.problem === undefined ? '.' : `: ${status.problem}`}`;
    return { status: 'fail', from: 'fe', message, fix, evidence };
  }
  const ageMs = nowMs - (status.lastStatusReportMs ?? 0);
  if (ageMs > reportGoodForMs) {
    const message = `The last report of ${machine} is ${seconds(ageMs)} old; whether it still serves is not known.`;
    return { status: 'unknown', from: 'fe', message, fix, evidence };
  }
  return { status: 'pass', from: 'fe', message: `The Access Edge on ${machine} serves.`, evidence };
}

function replicaVerdict({ facts }: CheckRun, machine: string, status: EdgeStatus | undefined, nowMs: number): Verdict {
  const current = facts.configuration.version;
  const evidence = { ...status, current };
  const fix = `See that TCP 4443 from the Front End to ${machine} is open and its certificate is good, then send the configuration again.`;
  const fixCommand = `parley Invoke-CsManagementStoreReplication -ReplicaFqdn ${machine}`;
  if (!status?.version) {
    const message = `${machine} never reported which configuration it has${status?.problem === undefined ? '.' : `: ${status.problem}`}`;
    return { status: 'unknown', from: 'fe', message, fix, fixCommand, evidence };
  }
  if (compareVersions(status.version, current) === 0) {
    const { lastRefusal } = status;
    if (lastRefusal && nowMs - lastRefusal.atMs < refusalShownMs) {
      const message = `${machine} has the current configuration (${text(current)}), but refused another ${seconds(nowMs - lastRefusal.atMs)} ago. ${lastRefusal.text}`;
      const look =
        'Find out who sent it: a backup that was started beside this Front End, or somebody who holds its certificate.';
      return { status: 'warn', from: 'fe', message, fix: look, evidence };
    }
    return { status: 'pass', from: 'fe', message: `${machine} has the current configuration (${text(current)}).`, evidence };
  }
  const ageMs = nowMs - (status.lastUpdateCreationMs ?? 0);
  const behind = `${machine} has configuration ${text(status.version)}, the store has ${text(current)}`;
  if (ageMs < replicaGraceMs) {
    return { status: 'pass', from: 'fe', message: `${behind}; the difference is ${seconds(ageMs)} old.`, evidence };
  }
  const problem = status.problem === undefined ? '' : ` ${status.problem}`;
  return { status: 'fail', from: 'fe', message: `${behind}.${problem}`, fix, fixCommand, evidence };
}

function text(version: { readonly epoch: number; readonly number: number }): string {
  return `${version.epoch}.${version.number}`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
