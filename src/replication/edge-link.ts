import type { Clock, Timer } from '../base/clock.ts';
import { type Failure, failure } from '../base/failure.ts';
import { randomFraction } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type ConfigurationVersion, compareVersions } from '../model/configuration-version.ts';
import type { ProjectedState } from './projected-state.ts';
import { ReplicaClient, type ReplicaClientOptions, type ReplicaTarget } from './replica-client.ts';
import { type ReplicaReport, readReport } from './replication-protocol.ts';
import { writeDeltaSnapshot, writeFullSnapshot } from './snapshot.ts';
import { type SnapshotSigningKey, sealSnapshot } from './snapshot-signature.ts';

/** What is known about one Edge computer. `failure` has one of EDGE_UNREACHABLE, REPLICATION_CERTIFICATE, REPLICATION_APPLY_FAILED, REPLICATION_STATUS_MISSING. */
export interface EdgeReplicationStatus {
  readonly fqdn: string;
  /** It reported the current version, and the last exchange with it succeeded. */
  readonly upToDate: boolean;
  readonly version?: ConfigurationVersion;
  /** When the snapshot it has was made; milliseconds since 1970. */
  readonly lastUpdateCreationMs?: number;
  readonly lastStatusReportMs?: number;
  readonly report?: ReplicaReport;
  readonly failure?: Failure;
}

/** What a link stands on. */
export interface EdgeLinkOptions extends ReplicaClientOptions {
  readonly clock: Clock;
  /** The key to sign with, asked for anew with each snapshot, so that it can be rolled. */
  readonly signingKey: () => SnapshotSigningKey;
  /** Called when the Edge has answered: it is alive. */
  readonly onAlive?: (fqdn: string) => void;
  /** Called whenever the status may have changed. */
  readonly onProgress: () => void;
}

interface Acknowledged {
  readonly state: ProjectedState;
  readonly hash: string;
}

/** Changes that follow each other more quickly travel together. */
const minPushIntervalMs = 200;
/** Even without changes the Edge is asked what it runs. */
const statusIntervalMs = 30_000;
const firstRetryMs = 500;
const maxRetryMs = 30_000;

/** Keeps one Edge computer at the configuration aimed at: one exchange at a time, deltas while it follows, a full snapshot otherwise. */
export class EdgeLink {
  readonly target: ReplicaTarget;
  readonly #options: EdgeLinkOptions;
  readonly #client: ReplicaClient;
  readonly #polling: Timer;
  #aim: ProjectedState;
  /** What this Edge acknowledged to this process. */
  #acknowledged: Acknowledged | undefined;
  #report: ReplicaReport | undefined;
  #reportedAtMs: number | undefined;
  #failure: Failure | undefined;
  #failures = 0;
  #lastStart = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #exchanging = false;
  #again = false;
  #wantFull = false;
  #closed = false;

  constructor(target: ReplicaTarget, aim: ProjectedState, options: EdgeLinkOptions) {
    this.target = target;
    this.#options = options;
    this.#aim = aim;
    this.#client = new ReplicaClient(target, options);
    this.#polling = options.clock.every(statusIntervalMs, () => this.#wake());
    this.#wake();
  }

  /** The state the Edge is to have from now on. */
  aim(state: ProjectedState): void {
    this.#aim = state;
    this.#wake();
  }

  /** Sends a full snapshot at once, whatever the Edge acknowledged and however often it failed. */
  forceFull(): void {
    this.#wantFull = true;
    this.#failures = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#wake();
  }

  /** False while the last exchange failed. */
  get healthy(): boolean {
    return this.#failure === undefined;
  }

  /** True when the Edge acknowledged this version or a later one. */
  hasApplied(version: ConfigurationVersion): boolean {
    return this.#acknowledged !== undefined && compareVersions(this.#acknowledged.state.version, version) >= 0;
  }

  status(): EdgeReplicationStatus {
    const installed = this.#report?.installed;
    const current = installed !== undefined && installed !== null && compareVersions(installed.version, this.#aim.version) === 0;
    return {
      fqdn: this.target.fqdn,
      upToDate: current && this.healthy,
      ...(installed ? { version: installed.version, lastUpdateCreationMs: installed.createdAtMs } : {}),
      ...(this.#reportedAtMs === undefined ? {} : { lastStatusReportMs: this.#reportedAtMs }),
      ...(this.#report ? { report: this.#report } : {}),
      ...(this.#failure ? { failure: this.#failure } : {}),
    };
  }

  /** Lets the Edge run a job and gives its result. Fails as an exchange does, or with REPLICATION_APPLY_FAILED when it refuses. */
  async probe(job: unknown): Promise<Result<unknown>> {
    const answer = await this.#client.send('POST', '/v1/probe', JSON.stringify(job));
    if (!answer.ok) return answer;
    if (answer.value.kind === 'refused') return this.#applyFailed(answer.value.text);
    try {
      return ok((JSON.parse(answer.value.text) as { result?: unknown }).result);
    } catch {
      return this.#statusMissing('its answer to a probe is not JSON');
    }
  }

  close(): void {
    this.#closed = true;
    this.#polling.cancel();
    this.#timer?.cancel();
    this.#client.close();
  }

  #wake(): void {
    if (this.#closed || this.#timer) return;
    if (this.#exchanging) {
      this.#again = true;
      return;
    }
    this.#schedule(Math.max(0, this.#lastStart + minPushIntervalMs - this.#options.clock.monotonic()));
  }

  #schedule(delayMs: number): void {
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#timer = undefined;
      void this.#exchange();
    });
  }

  async #exchange(): Promise<void> {
    this.#exchanging = true;
    this.#again = false;
    this.#lastStart = this.#options.clock.monotonic();
    const wantFull = this.#wantFull;
    this.#wantFull = false;
    const result = await this.#synchronise(wantFull ? undefined : this.#acknowledged);
    if (!result.ok && wantFull) this.#wantFull = true;
    this.#exchanging = false;
    if (this.#closed) return;
    this.#failure = result.ok ? undefined : result.error;
    this.#failures = result.ok ? 0 : this.#failures + 1;
    if (result.ok) this.#options.onAlive?.(this.target.fqdn);
    if (!result.ok) {
      const longest = Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(this.#failures - 1, 16));
      this.#schedule(longest * (0.5 + 0.5 * randomFraction()));
    } else if (this.#again) this.#wake();
    this.#options.onProgress();
  }

  /** One exchange: sends what is missing, or asks for the status when nothing is. */
  async #synchronise(known: Acknowledged | undefined): Promise<Result<void>> {
    const aim = this.#aim;
    if (known && compareVersions(known.state.version, aim.version) !== 0) {
      const difference = aim.differenceFrom(known.state);
      if (difference) {
        const frame = { projection: aim.projection, recipient: this.target.fqdn, version: aim.version };
        const createdAtMs = this.#options.clock.now();
        const sent = await this.#send(aim, writeDeltaSnapshot({ ...frame, parentHash: known.hash, createdAtMs, ...difference }));
        if (!sent.ok || sent.value === 'taken') return sent.ok ? ok(undefined) : sent;
      }
      return this.#sendFull(aim, known.hash);
    }
    // Before much is sent: a small request that shows whether the two sides accept each other, and what the Edge has.
    const report = await this.#readStatus();
    if (!report.ok) return report;
    if (known && report.value.installed?.hash === known.hash) return ok(undefined);
    return this.#sendFull(aim, report.value.installed?.hash ?? null);
  }

  async #sendFull(state: ProjectedState, parentHash: string | null): Promise<Result<void>> {
    const text = writeFullSnapshot(state, this.target.fqdn, parentHash, this.#options.clock.now());
    const sent = await this.#send(state, text);
    if (!sent.ok) return sent;
    return sent.value === 'taken' ? ok(undefined) : this.#applyFailed('it asks for a full snapshot in answer to one');
  }

  async #send(state: ProjectedState, text: string): Promise<Result<'taken' | 'full-wanted'>> {
    const { envelope, hash } = sealSnapshot(text, this.#options.signingKey());
    const answer = await this.#client.send('POST', '/v1/snapshot', envelope);
    if (!answer.ok) return answer;
    if (answer.value.kind === 'refused') {
      this.#acknowledged = undefined;
      return answer.value.code === 'SNAPSHOT_PARENT_UNKNOWN' ? ok('full-wanted') : this.#applyFailed(answer.value.text);
    }
    const report = this.#takeReport(answer.value.text);
    if (!report.ok) return report;
    if (report.value.installed?.hash !== hash) return this.#statusMissing('it reports another snapshot than it was sent');
    this.#acknowledged = { state, hash };
    return ok('taken');
  }

  async #readStatus(): Promise<Result<ReplicaReport>> {
    const answer = await this.#client.send('GET', '/v1/status');
    if (!answer.ok) return answer;
    return answer.value.kind === 'done' ? this.#takeReport(answer.value.text) : this.#statusMissing(answer.value.text);
  }

  #takeReport(text: string): Result<ReplicaReport> {
    const report = readReport(text);
    if (!report) return this.#statusMissing('its status is not understood');
    this.#report = report;
    this.#reportedAtMs = this.#options.clock.now();
    return ok(report);
  }

  #applyFailed(reason: string): Result<never> {
    return err(failure('REPLICATION_APPLY_FAILED', { fqdn: this.target.fqdn, reason }));
  }

  #statusMissing(reason: string): Result<never> {
    return err(failure('REPLICATION_STATUS_MISSING', { fqdn: this.target.fqdn, reason }));
  }
}
