import type { Clock } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';
import type { Aor, SipDomain, UserId } from '../model/names.ts';
import type { ConfigurationStore, SealedCredential, StoreHint, UserStore } from '../store/store.ts';

/** Turns a password into what may be stored: bound to the user's address, sealed, never reversible here (D4). */
export interface CredentialSealer {
  seal(user: { readonly id: UserId; readonly aor: Aor }, password: string): SealedCredential;
}

/** How many of the nodes and Edges that should run from a configuration do. */
export interface AppliedCount {
  readonly applied: number;
  readonly of: number;
}

/** What is known about one node or Edge that runs from a copy of the configuration. */
export interface ReplicaStatus {
  readonly replicaFqdn: string;
  readonly upToDate: boolean;
  /** Version the replica runs from; absent when it never reported one. */
  readonly version?: ConfigurationVersion;
  /** When the snapshot it has was made, and when it last reported; milliseconds since 1970. */
  readonly lastUpdateCreationMs?: number;
  readonly lastStatusReportMs?: number;
  /** Why it is behind: one sentence for an admin. */
  readonly problem?: string;
  /** The last snapshot it refused since it started, whoever sent it. */
  readonly lastRefusal?: ReplicaRefusal;
}

/** A snapshot that a replica did not take. */
interface ReplicaRefusal {
  readonly code: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** Delivery of configuration snapshots to nodes and Edges. */
export interface ReplicationPort {
  /** Resolves when every healthy node and Edge applied `version`, or after `timeoutMs` with those that did (D25). */
  waitForApplied(version: ConfigurationVersion, timeoutMs: number): Promise<AppliedCount>;
  status(): Promise<readonly ReplicaStatus[]>;
  /** Sends a full snapshot to one replica, or to all. Fails with OBJECT_UNKNOWN. */
  invoke(replicaFqdn?: string): Promise<Result<void>>;
  /** The enrolment bundle for an Edge computer of the topology: the text of the file to carry there. Fails with EDGE_NOT_IN_TOPOLOGY. */
  enrol(edgeFqdn: string): Promise<Result<string>>;
}

/** What one readiness check found. A check that could not run is `unknown`, never `pass`. */
export interface CheckFinding {
  readonly id: string;
  readonly target: string;
  readonly status: 'pass' | 'warn' | 'fail' | 'skipped' | 'unknown';
  readonly message: string;
  readonly fix: string;
}

/** One step of a federation decision, as text for an admin. */
export interface ExplainedStep {
  readonly step: string;
  /** Who takes it: our Front End, our Edge, or the partner, whom nobody here can ask. */
  readonly where: 'front end' | 'edge' | 'partner';
  /** `unknown` could not be found out from here; `note` decides nothing. */
  readonly status: 'pass' | 'refuse' | 'unknown' | 'note';
  readonly text: string;
  readonly fix?: string;
}

/** The decision for one direction between two addresses. */
export interface ExplainedDirection {
  readonly from: string;
  readonly to: string;
  readonly direction: string;
  readonly allowed: boolean;
  readonly steps: readonly ExplainedStep[];
}

/** The checks and the decision engine. */
export interface ReadinessPort {
  /** Runs the checks; with domains, those of these partners as well. */
  check(domains: readonly SipDomain[]): Promise<Result<readonly CheckFinding[]>>;
  /** Both directions between two addresses, decided by the same code as real traffic. */
  explain(from: Aor, to: Aor): Promise<Result<readonly ExplainedDirection[]>>;
}

/** DNS as the proof of a domain needs it. */
export interface DomainProofPort {
  /** Values of all TXT records of a name; an empty list when there are none. */
  lookUpTxt(name: string): Promise<Result<readonly string[]>>;
}

/** The part of the store that commands need. */
export interface ManagementStore extends ConfigurationStore, UserStore {
  onHint(listener: (hint: StoreHint) => void): () => void;
}

/** Everything the command layer needs from outside, gathered by the composition root. */
export interface ManagementPorts {
  readonly clock: Clock;
  readonly store: ManagementStore;
  readonly sealer: CredentialSealer;
  readonly replication: ReplicationPort;
  readonly readiness: ReadinessPort;
  readonly domainProof: DomainProofPort;
  /** In an on-premises deployment the first tenant need not prove its domains (D18). */
  readonly deployment: 'on-premises' | 'provider';
}
