import type { Clock } from '../base/clock.ts';
import { ok, type Result } from '../base/result.ts';
import { ConfigurationSource } from '../directory/configuration-source.ts';
import { UserDirectory } from '../directory/user-directory.ts';
import type { Metric } from '../observe/metrics.ts';
import type { Store } from '../store/store.ts';
import { measureStore } from './metrics/measured-store.ts';
import type { StoreOpener } from './open-store.ts';
import type { Closers } from './running-server.ts';

/** What a Front End process decides by: its store, and what is read from it and followed from then on. */
export interface FrontEndState {
  /** The store, with its operations counted. */
  readonly store: Store;
  /** The same, for other processes, which count their own. */
  readonly uncounted: Store;
  readonly storeMetrics: readonly Metric[];
  readonly source: ConfigurationSource;
  readonly directory: UserDirectory;
}

/** Opens the store, reads it and verifies it. Fails as these do; throws FailureError when the store cannot be read. */
export async function openFrontEndState(open: StoreOpener, clock: Clock, closers: Closers): Promise<Result<FrontEndState>> {
  const opened = await open();
  if (!opened.ok) return opened;
  const reading = readFrontEndState(opened.value, clock, closers);
  // whatever a damaged page does to a read: the damage is what has to be told
  reading.catch(() => undefined);
  const verified = await opened.value.verify();
  return verified.ok ? ok(await reading) : verified;
}

/** Reads an open store, which it takes over; throws FailureError when the store cannot be read. */
export async function readFrontEndState(opened: Store, clock: Clock, closers: Closers): Promise<FrontEndState> {
  closers.add(() => opened.close());
  const { store, metrics } = measureStore(opened, clock);
  // asked for together: the one is read while the other is compiled
  const [source, directory] = await Promise.all([ConfigurationSource.open(store, clock), UserDirectory.open(store, clock)]);
  closers.add(() => {
    source.close();
    directory.close();
  });
  return { store, uncounted: opened, storeMetrics: metrics, source, directory };
}
