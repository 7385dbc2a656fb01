import type { Clock } from '../base/clock.ts';
import type { ErrorCode } from '../base/errors/registry.ts';
import { type Failure, failure } from '../base/failure.ts';
import { Listeners } from '../base/listeners.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Configuration, compileConfiguration } from '../model/configuration.ts';
import { joinDifferences } from '../model/configuration-change.ts';
import type { ConfigurationDocument } from '../model/configuration-object.ts';
import { type ConfigurationVersion, compareVersions } from '../model/configuration-version.ts';
import { ProjectedState, type Projection } from './projected-state.ts';
import { type DeltaSnapshot, readSnapshot, type Snapshot } from './snapshot.ts';
import { installDelta, installFull, readStored } from './snapshot-file.ts';
import { openSnapshot, type SnapshotVerifyKey } from './snapshot-signature.ts';

/** What a replica needs to know of itself. */
export interface ReplicaOptions {
  /** FQDN of this computer: the only recipient whose snapshots it takes. */
  readonly fqdn: string;
  readonly folder: string;
  readonly projection: Projection;
  readonly verifyKeys: readonly SnapshotVerifyKey[];
  /** From the enrolment bundle: nothing of an earlier epoch is taken. */
  readonly minEpoch: number;
  readonly clock: Clock;
}

/** The last snapshot that was not taken, and why. */
export interface SnapshotRefusal {
  readonly code: ErrorCode;
  readonly text: string;
  readonly atMs: number;
  readonly version?: ConfigurationVersion;
}

/** What is installed. */
export interface InstalledSnapshot {
  readonly version: ConfigurationVersion;
  /** Hash of the last snapshot taken: the parent the next delta has to name. */
  readonly hash: string;
  readonly appliedAtMs: number;
  readonly createdAtMs: number;
}

/** A place in the chain of snapshots. */
interface Link extends InstalledSnapshot {
  /** How many deltas it is after the full snapshot. */
  readonly deltas: number;
}

interface Running extends Link {
  readonly state: ProjectedState;
}

/** More deltas would make a restart slow: the next change is asked for as a full snapshot. */
const maxDeltas = 200;

/** The configuration an Edge or node runs from: taken from signed snapshots, kept on disk, swapped as a whole. */
export class SnapshotReplica {
  readonly #options: ReplicaOptions;
  readonly #listeners = new Listeners<[current: Configuration]>();
  #running: Running | undefined;
  #current: Configuration | undefined;
  #lastRefusal: SnapshotRefusal | undefined;
  /** Snapshots are taken one after the other. */
  #busy: Promise<unknown> = Promise.resolve();

  private constructor(options: ReplicaOptions) {
    this.#options = options;
  }

  /**
   * Starts from what is on disk; without anything there is no configuration until the first push. A file that cannot be used is
   * remembered as refusal: the replica then starts empty (or before the damaged delta), and the next push repairs it.
   */
  static async open(options: ReplicaOptions): Promise<SnapshotReplica> {
    const replica = new SnapshotReplica(options);
    const loaded = await replica.#load();
    if (!loaded.ok) replica.#refuse(loaded.error, undefined);
    if (!replica.#running) return replica;
    const compiled = compileState(replica.#running.state);
    if (compiled.ok) replica.#current = compiled.value;
    else replica.#refuse(compiled.error, undefined);
    return replica;
  }

  /** The compiled configuration; undefined before the first snapshot. */
  get current(): Configuration | undefined {
    return this.#current;
  }

  /** The configuration as received. */
  get document(): ConfigurationDocument | undefined {
    return this.#running?.state.toDocument();
  }

  /** What is installed. */
  get installed(): InstalledSnapshot | undefined {
    return this.#running;
  }

  /** The last refusal since the start of the process. */
  get lastRefusal(): SnapshotRefusal | undefined {
    return this.#lastRefusal;
  }

  /** Calls `listener` with each new configuration; returns the function that stops it. */
  onChanged(listener: (current: Configuration) => void): () => void {
    return this.#listeners.add(listener);
  }

  /**
   * Takes a snapshot: on disk and in use when it returns ok. Fails with SNAPSHOT_SIGNATURE_BAD, SNAPSHOT_UNREADABLE,
   * SNAPSHOT_WRONG_RECIPIENT, SNAPSHOT_OLDER, SNAPSHOT_PARENT_UNKNOWN, SNAPSHOT_NOT_INSTALLED; all but the asked-for full
   * snapshot (SNAPSHOT_PARENT_UNKNOWN) are remembered.
   */
  apply(envelope: string): Promise<Result<InstalledSnapshot>> {
    const taken = this.#busy.then(() => this.#take(envelope));
    this.#busy = taken.catch(() => undefined);
    return taken;
  }

  async #take(envelope: string): Promise<Result<InstalledSnapshot>> {
    const checked = this.#check(envelope, 'received', this.#running);
    if (!checked.ok) return this.#refused(checked.error);
    const { snapshot, link } = checked.value;
    const next: Running = { ...link, state: stateAfter([snapshot], this.#options.projection, this.#running?.state) };
    // Before anything is on disk: what cannot be compiled must not be met again at the next start.
    const compiled = compileState(next.state);
    if (!compiled.ok) return this.#refused(compiled.error);
    try {
      if (snapshot.kind === 'full') await installFull(this.#options.folder, envelope);
      else await installDelta(this.#options.folder, next.deltas - 1, envelope);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return this.#refused(failure('SNAPSHOT_NOT_INSTALLED', { ...snapshot.version, reason }, cause));
    }
    this.#running = next;
    this.#current = compiled.value;
    this.#listeners.tell(compiled.value);
    return ok(next);
  }

  /** Everything that decides whether a snapshot is taken after `parent`; changes nothing. */
  #check(envelope: string, source: string, parent: Link | undefined): Result<{ snapshot: Snapshot; link: Link }> {
    const { fqdn, verifyKeys, projection, minEpoch, clock } = this.#options;
    const opened = openSnapshot(envelope, verifyKeys, fqdn);
    if (!opened.ok) return opened;
    const read = readSnapshot(opened.value.text, source);
    if (!read.ok) return read;
    const snapshot = read.value;
    const { version, createdAtMs } = snapshot;
    if (snapshot.recipient !== fqdn || snapshot.projection !== projection) {
      return err(failure('SNAPSHOT_WRONG_RECIPIENT', { ...version, found: snapshot.recipient, expected: fqdn }));
    }
    const floor = parent?.version ?? { epoch: minEpoch, number: 0 };
    if (compareVersions(version, floor) < 0) {
      const current = { currentEpoch: floor.epoch, currentNumber: floor.number };
      return err(failure('SNAPSHOT_OLDER', { ...version, ...current }));
    }
    const installed = { version, hash: opened.value.hash, appliedAtMs: clock.now(), createdAtMs };
    if (snapshot.kind === 'full') return ok({ snapshot, link: { ...installed, deltas: 0 } });
    if (snapshot.parentHash !== parent?.hash || parent.deltas >= maxDeltas)
      return err(failure('SNAPSHOT_PARENT_UNKNOWN', { ...version }));
    return ok({ snapshot, link: { ...installed, deltas: parent.deltas + 1 } });
  }

  async #load(): Promise<Result<void>> {
    const { folder, projection } = this.#options;
    let stored: Awaited<ReturnType<typeof readStored>>;
    try {
      stored = await readStored(folder);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return err(failure('SNAPSHOT_UNREADABLE', { source: folder, reason }, cause));
    }
    if (!stored) return ok(undefined);
    const full = this.#check(stored.full, folder, undefined);
    if (!full.ok) return full;
    const snapshots = [full.value.snapshot];
    let { link } = full.value;
    let ending: Result<void> = ok(undefined);
    for (const envelope of stored.deltas) {
      const delta = this.#check(envelope, folder, link);
      if (!delta.ok) {
        // Left over from before the full snapshot: the crash came between renaming it and removing them.
        if (!isLeftOver(delta.error)) ending = delta;
        break;
      }
      snapshots.push(delta.value.snapshot);
      link = delta.value.link;
    }
    this.#running = { ...link, state: stateAfter(snapshots, projection) };
    return ending;
  }

  #refused(error: Failure): Result<never> {
    if (error.code !== 'SNAPSHOT_PARENT_UNKNOWN') this.#refuse(error, versionOf(error));
    return err(error);
  }

  #refuse(error: Failure, version: ConfigurationVersion | undefined): void {
    const atMs = this.#options.clock.now();
    this.#lastRefusal = { code: error.code, text: error.text, atMs, ...(version ? { version } : {}) };
  }
}

/** The state after snapshots that were checked, of which the first is a full one or follows `from`. Deltas are taken all at once: each alone copies what it changes. */
function stateAfter(snapshots: readonly Snapshot[], projection: Projection, from?: ProjectedState): ProjectedState {
  let state = from;
  let deltas: DeltaSnapshot[] = [];
  for (const snapshot of snapshots) {
    if (snapshot.kind === 'delta') deltas.push(snapshot);
    else {
      state = ProjectedState.of(snapshot, projection);
      deltas = [];
    }
  }
  if (!state) throw new Error('a delta without what it follows');
  const last = deltas.at(-1);
  return last ? state.advance(last.version, joinDifferences(deltas)) : state;
}

function compileState(state: ProjectedState): Result<Configuration> {
  try {
    return ok(compileConfiguration(state.toDocument()));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return err(failure('SNAPSHOT_UNREADABLE', { source: 'received', reason }, cause));
  }
}

function isLeftOver(error: Failure): boolean {
  return error.code === 'SNAPSHOT_PARENT_UNKNOWN' || error.code === 'SNAPSHOT_OLDER';
}

function versionOf({ details: { epoch, number } }: Failure): ConfigurationVersion | undefined {
  return typeof epoch === 'number' && typeof number === 'number' ? { epoch, number } : undefined;
}
