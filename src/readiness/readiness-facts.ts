import type { Clock } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import type { Configuration } from '../model/configuration.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';
import type { Aor, Fqdn, TenantId } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { ProbeAnswer, ProbeJob } from './probe-job.ts';

/** What is known about one machine of an Edge pool. */
export interface EdgeStatus {
  readonly replicaFqdn: string;
  /** Whether its Access Edge service says that it serves; absent: it never said. */
  readonly running?: boolean;
  /** Version it runs from; absent: it never reported one. */
  readonly version?: ConfigurationVersion;
  /** When the snapshot it has was made, and when it last reported; milliseconds since 1970. */
  readonly lastUpdateCreationMs?: number;
  readonly lastStatusReportMs?: number;
  /** Why it is behind or silent: one sentence. */
  readonly problem?: string;
  /** The last snapshot it refused since it started, whoever sent it; milliseconds since 1970. */
  readonly lastRefusal?: { readonly code: string; readonly text: string; readonly atMs: number };
}

/** The users as checks ask for them. A failure (the store is away) makes the check `unknown`. */
export interface ReadinessUsers {
  ofTenant(tenant: TenantId): Promise<Result<Iterable<User>>>;
  find(aor: Aor): Promise<Result<User | undefined>>;
}

/** Everything the checks and explanations look at; they hold no state and change nothing. */
export interface ReadinessFacts {
  readonly clock: Clock;
  readonly configuration: Configuration;
  readonly users: ReadinessUsers;
  edgeStatuses(): Promise<Result<readonly EdgeStatus[]>>;
  /** Has an Edge pool look at something; fails where no member could be asked. The answer has the kind of the job. */
  probe(edgePool: Fqdn, job: ProbeJob): Promise<Result<ProbeAnswer>>;
}
