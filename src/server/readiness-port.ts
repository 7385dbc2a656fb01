import type { Clock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { ConfigurationSource } from '../directory/configuration-source.ts';
import type { UserDirectory } from '../directory/user-directory.ts';
import type { ReadinessPort } from '../management/management-ports.ts';
import type { Configuration } from '../model/configuration.ts';
import type { Fqdn } from '../model/names.ts';
import { explain } from '../readiness/explain.ts';
import { ProbeAnswer, type ProbeJob } from '../readiness/probe-job.ts';
import type { EdgeStatus, ReadinessFacts } from '../readiness/readiness-facts.ts';
import { runChecks } from '../readiness/run-checks.ts';
import type { EdgeReplicationStatus } from '../replication/edge-link.ts';
import type { SnapshotPusher } from '../replication/snapshot-pusher.ts';

/** Where a Front End's checks and explanations find their facts. */
export interface ReadinessSources {
  readonly clock: Clock;
  readonly configuration: ConfigurationSource;
  readonly directory: UserDirectory;
  readonly pusher: SnapshotPusher;
}

/** The checks and the decision engine over this Front End's own state; each tenant is checked by itself. */
export function readinessPort(sources: ReadinessSources): ReadinessPort {
  return {
    async check(domains) {
      const facts = readinessFacts(sources);
      const { tenants } = facts.configuration;
      if (tenants.size === 0) return err(failure('DEPLOYMENT_EMPTY'));
      const findings = await Promise.all([...tenants.values()].map(tenant => runChecks(facts, { tenant, domains, users: [] })));
      return ok(withoutRepetitions(findings.flat()));
    },
    async explain(from, to) {
      return ok((await explain(from, to, readinessFacts(sources))).directions);
    },
  };
}

/** What the deployment as a whole is checked for stands once, however many tenants there are. */
function withoutRepetitions<F extends { readonly id: string; readonly target: string }>(findings: readonly F[]): readonly F[] {
  return [...new Map(findings.map(finding => [`${finding.id} ${finding.target}`, finding])).values()];
}

function readinessFacts({ clock, configuration, directory, pusher }: ReadinessSources): ReadinessFacts {
  const { current } = configuration;
  return {
    clock,
    configuration: current,
    users: {
      ofTenant: async tenant => ok(directory.list(tenant)),
      find: async aor => ok(directory.find(aor)),
    },
    edgeStatuses: async () => ok(pusher.status().map(edgeStatus)),
    probe: (pool, job) => probeThrough(current, pusher, pool, job),
  };
}

/** Asks the members of an Edge pool in turn until one answers. */
async function probeThrough(
  configuration: Configuration,
  pusher: SnapshotPusher,
  pool: Fqdn,
  job: ProbeJob,
): Promise<Result<ProbeAnswer>> {
  let last: Result<ProbeAnswer> = err(failure('EDGE_NOT_IN_TOPOLOGY', { fqdn: pool }));
  for (const computer of configuration.edgeServers.get(pool)?.computers ?? []) {
    const answer = await pusher.probe(computer.fqdn, job);
    if (!answer.ok) {
      last = answer;
      continue;
    }
    const read = ProbeAnswer.safeParse(answer.value);
    if (read.success) return ok(read.data);
    last = err(failure('PROBE_ANSWER_UNUSABLE', { fqdn: computer.fqdn }));
  }
  return last;
}

function edgeStatus({
  fqdn,
  report,
  version,
  lastUpdateCreationMs,
  lastStatusReportMs,
  failure: problem,
}: EdgeReplicationStatus): EdgeStatus {
  return {
    replicaFqdn: fqdn,
    // a status report comes from the Edge process itself; a failed exchange says nothing about the service
    ...(report && !problem ? { running: true } : {}),
    ...(version ? { version } : {}),
    ...(lastUpdateCreationMs === undefined ? {} : { lastUpdateCreationMs }),
    ...(lastStatusReportMs === undefined ? {} : { lastStatusReportMs }),
    ...(problem ? { problem: problem.text } : {}),
    ...(report?.lastRefusal ? { lastRefusal: report.lastRefusal } : {}),
  };
}
