import type { Clock } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import type { ConfigurationSource } from '../directory/configuration-source.ts';
import type { UserDirectory } from '../directory/user-directory.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';
import type { Aor, SipDomain, UserId } from '../model/names.ts';
import type { ExplainedDirection } from '../readiness/explanation.ts';
import type { Finding } from '../readiness/finding.ts';
import type { EdgeReplicationStatus } from '../replication/edge-link.ts';
import type { AppliedCount } from '../replication/snapshot-pusher.ts';
import type { ChangeSet, ConfigurationStore, SealedCredential } from '../store/store.ts';

/** Turns a password into what may be stored: bound to the user's address, sealed, never reversible here (D4). */
export interface CredentialSealer {
  seal(user: { readonly id: UserId; readonly aor: Aor }, password: string): SealedCredential;
}

/** Delivery of configuration snapshots to nodes and Edges. */
export interface ReplicationPort {
  /** Resolves when every healthy node and Edge applied `version`, or after `timeoutMs` with those that did (D25). */
  waitForApplied(version: ConfigurationVersion, timeoutMs: number): Promise<AppliedCount>;
  status(): readonly EdgeReplicationStatus[];
  /** Sends a full snapshot to one replica, or to all. Fails with OBJECT_UNKNOWN. */
  invoke(replicaFqdn?: string): Promise<Result<void>>;
  /** The enrolment bundle for an Edge computer of the topology: the text of the file to carry there. Fails with EDGE_NOT_IN_TOPOLOGY. */
  enrol(edgeFqdn: string): Promise<Result<string>>;
}

/** The checks and the decision engine. */
export interface ReadinessPort {
  /** Runs the checks; with domains, those of these partners as well. */
  check(domains: readonly SipDomain[]): Promise<Result<readonly Finding[]>>;
  /** Both directions between two addresses, decided by the same code as real traffic. */
  explain(from: Aor, to: Aor): Promise<Result<readonly ExplainedDirection[]>>;
}

/** DNS as the proof of a domain needs it. */
export interface DomainProofPort {
  /** Values of all TXT records of a name; an empty list when there are none. */
  lookUpTxt(name: string): Promise<Result<readonly string[]>>;
}

/** Everything the command layer needs from outside, gathered by the composition root. */
export interface ManagementPorts {
  readonly clock: Clock;
  readonly store: ConfigurationStore;
  /** The configuration and the users by which this server decides: commands see no other state. */
  readonly configuration: ConfigurationSource;
  readonly users: UserDirectory;
  /** Has a change that was committed taken over by the other processes of this server. */
  applyElsewhere(change: ChangeSet): Promise<void>;
  readonly sealer: CredentialSealer;
  readonly replication: ReplicationPort;
  readonly readiness: ReadinessPort;
  readonly domainProof: DomainProofPort;
  /** In an on-premises deployment the first tenant need not prove its domains (D18). */
  readonly deployment: 'on-premises' | 'provider';
}
