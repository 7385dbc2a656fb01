import type { Clock, Timer } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type ConfigurationChange, followsFrom } from '../model/configuration-change.ts';
import type { ConfigurationDocument, ConfigurationObject } from '../model/configuration-object.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';
import { EdgeLink, type EdgeReplicationStatus } from './edge-link.ts';
import { ProjectedState } from './projected-state.ts';
import type { ReplicaClientOptions, ReplicaTarget } from './replica-client.ts';
import type { SnapshotSigningKey } from './snapshot-signature.ts';

/** Where the configuration comes from. */
export interface SnapshotSource {
  readonly document: ConfigurationDocument;
  /** The listener is told what changed when that is known. Returns the function that stops it. */
  onChanged(listener: (change?: ConfigurationChange) => void): () => void;
}

/** What the pusher stands on. */
export interface PusherOptions extends ReplicaClientOptions {
  readonly source: SnapshotSource;
  readonly signingKey: () => SnapshotSigningKey;
  readonly clock: Clock;
  /** Called with the name of an Edge computer whenever it has answered. */
  readonly onAlive?: (fqdn: string) => void;
}

/** How many Edges have a version. */
export interface AppliedCount {
  readonly applied: number;
  readonly of: number;
}

interface Waiter {
  readonly version: ConfigurationVersion;
  readonly finish: () => void;
}

/** Pushes the configuration to every Edge computer of the topology and knows what each one has. */
export class SnapshotPusher {
  readonly #options: PusherOptions;
  readonly #links = new Map<string, EdgeLink>();
  readonly #waiters = new Set<Waiter>();
  readonly #stopListening: () => void;
  #state: ProjectedState;

  constructor(options: PusherOptions) {
    this.#options = options;
    this.#state = ProjectedState.of(options.source.document, 'edge');
    this.#stopListening = options.source.onChanged(change => this.#onChanged(change));
    this.#follow();
  }

  /** One entry per Edge computer, ordered by name. */
  status(): readonly EdgeReplicationStatus[] {
    return [...this.#links.values()].map(link => link.status()).sort((a, b) => (a.fqdn < b.fqdn ? -1 : 1));
  }

  /** Resolves when every healthy Edge has `version` or a later one, or after `timeoutMs`; never rejects (D25). */
  waitForApplied(version: ConfigurationVersion, timeoutMs: number): Promise<AppliedCount> {
    if (this.#settled(version)) return Promise.resolve(this.#count(version));
    return new Promise(resolve => {
      const waiter: Waiter = {
        version,
        finish: () => {
          timer.cancel();
          this.#waiters.delete(waiter);
          resolve(this.#count(version));
        },
      };
      this.#waiters.add(waiter);
      const timer: Timer = this.#options.clock.after(timeoutMs, waiter.finish);
    });
  }

  /** Lets an Edge computer run a job from outside's point of view. Fails with EDGE_NOT_IN_TOPOLOGY or as an exchange does. */
  async probe(edgeFqdn: string, job: unknown): Promise<Result<unknown>> {
    const link = this.#links.get(edgeFqdn);
    return link ? link.probe(job) : err(failure('EDGE_NOT_IN_TOPOLOGY', { fqdn: edgeFqdn }));
  }

  /** Sends a full snapshot to one Edge computer, or to all. Fails with EDGE_NOT_IN_TOPOLOGY. */
  invoke(edgeFqdn?: string): Result<void> {
    const named = edgeFqdn === undefined ? undefined : this.#links.get(edgeFqdn);
    if (edgeFqdn !== undefined && !named) return err(failure('EDGE_NOT_IN_TOPOLOGY', { fqdn: edgeFqdn }));
    for (const link of named ? [named] : this.#links.values()) link.forceFull();
    return ok(undefined);
  }

  /** Stops pushing and ends the connections; who waits gets what is applied so far. */
  close(): void {
    this.#stopListening();
    for (const link of this.#links.values()) link.close();
    for (const waiter of [...this.#waiters]) waiter.finish();
  }

  #onChanged(change: ConfigurationChange | undefined): void {
    if (change && followsFrom(change, this.#state.version)) this.#state = this.#state.advance(change.version, change);
    else this.#state = ProjectedState.of(this.#options.source.document, 'edge');
    this.#follow();
  }

  #follow(): void {
    const state = this.#state;
    const wanted = edgeComputers(this.#options.source.document);
    for (const [fqdn, link] of this.#links) {
      if (wanted.get(fqdn)?.port === link.target.port) continue;
      link.close();
      this.#links.delete(fqdn);
    }
    for (const target of wanted.values()) {
      const link = this.#links.get(target.fqdn);
      if (link) link.aim(state);
      else {
        const onProgress = () => this.#onProgress();
        this.#links.set(target.fqdn, new EdgeLink(target, state, { ...this.#options, onProgress }));
      }
    }
    this.#onProgress();
  }

  #onProgress(): void {
    for (const waiter of [...this.#waiters]) if (this.#settled(waiter.version)) waiter.finish();
  }

  #settled(version: ConfigurationVersion): boolean {
    return [...this.#links.values()].every(link => link.hasApplied(version) || !link.healthy);
  }

  #count(version: ConfigurationVersion): AppliedCount {
    const links = [...this.#links.values()];
    return { applied: links.filter(link => link.hasApplied(version)).length, of: links.length };
  }
}

function edgeComputers(document: ConfigurationDocument): Map<string, ReplicaTarget> {
  const targets = new Map<string, ReplicaTarget>();
  for (const object of document.objects) {
    if (object.kind !== 'CsEdgeServer') continue;
    const { computers, replicationPort } = (object as ConfigurationObject<'CsEdgeServer'>).body;
    for (const { fqdn } of computers) targets.set(fqdn, { fqdn, port: replicationPort });
  }
  return targets;
}
