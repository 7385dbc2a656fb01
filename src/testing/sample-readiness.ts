import { failure } from '../base/failure.ts';
import { err, ok } from '../base/result.ts';
import type { Configuration } from '../model/configuration.ts';
import type { User } from '../model/user.ts';
import type { ProbeAnswer, ProbeJob } from '../readiness/probe-job.ts';
import type { EdgeStatus, ReadinessFacts } from '../readiness/readiness-facts.ts';
import { FakeClock } from './fake-clock.ts';
import { sampleUser } from './sample-configuration.ts';

/** What a test says about the world around the checks; what is left out is healthy. */
export interface SampleWorld {
  readonly configuration: Configuration;
  /** `null`: the store is away. */
  readonly users?: readonly User[] | null;
  /** `null`: nobody knows. */
  readonly edges?: readonly EdgeStatus[] | null;
  /** What the Edge finds; `null` or nothing for a job: the Edge cannot be asked. */
  readonly probe?: ((job: ProbeJob) => ProbeAnswer | undefined) | null;
}

/** Facts for the checks and explanations from a test's world. */
export function sampleFacts(world: SampleWorld): ReadinessFacts {
  const away = () => err(failure('SERVER_BUSY', { limit: 0 }));
  const users = world.users === undefined ? [sampleUser()] : world.users;
  const clock = new FakeClock();
  return {
    clock,
    configuration: world.configuration,
    users: {
      ofTenant: async tenant => (users === null ? away() : ok(users.filter(user => user.tenant === tenant))),
      find: async aor => (users === null ? away() : ok(users.find(user => user.aor === aor))),
    },
    edgeStatuses: async () => {
      if (world.edges === null) return away();
      const current = { running: true, version: world.configuration.version, lastStatusReportMs: clock.now() };
      return ok(world.edges ?? [{ replicaFqdn: 'edge.contoso.test', ...current }]);
    },
    probe: async (_edge, job) => {
      const answer = world.probe?.(job);
      return answer ? ok(answer) : away();
    },
  };
}
