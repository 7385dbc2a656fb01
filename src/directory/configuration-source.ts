import type { Clock } from '../base/clock.ts';
import { Listeners } from '../base/listeners.ts';
import { type Configuration, compileConfiguration } from '../model/configuration.ts';
import { type ConfigurationChange, changeDocument } from '../model/configuration-change.ts';
import type { ConfigurationDocument } from '../model/configuration-object.ts';
import { compareVersions } from '../model/configuration-version.ts';
import type { Store } from '../store/store.ts';
import { RefreshLoop } from './refresh-loop.ts';

/** Is told what changed, when `current` has it already; undefined when that is not known in short. */
export type ConfigurationListener = (change: ConfigurationChange | undefined) => void;

/** The part of the store a source needs. */
export type ConfigurationFeed = Pick<Store, 'readConfiguration' | 'readConfigurationChange' | 'onHint'>;

/** The current configuration, compiled; swapped as a whole when the store hints at a change. */
export class ConfigurationSource {
  readonly #store: ConfigurationFeed;
  readonly #loop: RefreshLoop;
  readonly #listeners = new Listeners<Parameters<ConfigurationListener>>();
  readonly #stopHints: () => void;
  #document: ConfigurationDocument;
  #current: Configuration;

  private constructor(store: ConfigurationFeed, clock: Clock, first: ConfigurationDocument) {
    this.#store = store;
    this.#document = first;
    this.#current = compileConfiguration(first);
    this.#loop = new RefreshLoop(clock, () => this.#read());
    this.#stopHints = store.onHint(hint => {
      const isNews = hint.kind === 'configuration' && compareVersions(hint.version, this.#current.version) > 0;
      if (isNews || hint.kind === 'resync') this.#loop.hint();
    });
  }

  /** Reads the configuration and follows it from then on; throws FailureError when the store cannot be read. */
  static async open(store: ConfigurationFeed, clock: Clock): Promise<ConfigurationSource> {
    // what is committed while the first read is under way is hinted at before there is a source to hear it
    let isOld = false;
    const stopListening = store.onHint(hint => {
      isOld ||= hint.kind === 'configuration' || hint.kind === 'resync';
    });
    try {
      const source = new ConfigurationSource(store, clock, await store.readConfiguration());
      if (isOld) await source.refresh();
      return source;
    } finally {
      stopListening();
    }
  }

  /** The compiled configuration: never changed, so that a request decides on one state from start to end. */
  get current(): Configuration {
    return this.#current;
  }

  /** The configuration as stored. */
  get document(): ConfigurationDocument {
    return this.#document;
  }

  /** Resolves when everything committed before this call is in `current`; rejects with FailureError when the store cannot be read. */
  refresh(): Promise<void> {
    return this.#loop.refresh();
  }

  /** Returns the function that stops the listener. */
  onChanged(listener: ConfigurationListener): () => void {
    return this.#listeners.add(listener);
  }

  close(): void {
    this.#stopHints();
    this.#loop.close();
    this.#listeners.clear();
  }

  async #read(): Promise<void> {
    const before = this.#document;
    const change = await this.#store.readConfigurationChange(before.version);
    const document = change ? changeDocument(before, change) : await this.#store.readConfiguration();
    if (compareVersions(document.version, before.version) === 0) return;
    this.#current = compileConfiguration(document);
    this.#document = document;
    this.#listeners.tell(change);
  }
}
