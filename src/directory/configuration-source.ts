import type { Clock } from '../base/clock.ts';
import { Listeners } from '../base/listeners.ts';
import { type Configuration, compileConfiguration } from '../model/configuration.ts';
import { type ConfigurationChange, changeDocument } from '../model/configuration-change.ts';
import type { ConfigurationDocument } from '../model/configuration-object.ts';
import { type ConfigurationVersion, compareVersions } from '../model/configuration-version.ts';
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
  /** The newest version hinted at: who has it already reads nothing. */
  #hinted: ConfigurationVersion | undefined;
  /** Whatever there is has to be read. */
  #mustRead = false;
  #document: ConfigurationDocument;
  #current: Configuration;

  private constructor(store: ConfigurationFeed, clock: Clock, first: ConfigurationDocument) {
    this.#store = store;
    this.#document = first;
    this.#current = compileConfiguration(first);
    this.#loop = new RefreshLoop(clock, () => this.#read());
    this.#stopHints = store.onHint(hint => {
      const isNews = hint.kind === 'configuration' && compareVersions(hint.version, this.#current.version) > 0;
      if (!isNews && hint.kind !== 'resync') return;
      if (hint.kind === 'configuration') this.#hinted = hint.version;
      else this.#mustRead = true;
      this.#loop.hint();
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
    this.#mustRead = true;
    return this.#loop.refresh();
  }

  /** Resolves when everything hinted at before this call is in `current`, at once where it is; rejects with FailureError when the store cannot be read. */
  caughtUp(): Promise<void> {
    return this.#loop.caughtUp();
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
    // a change of this server is read before the hint at it comes
    if (!this.#mustRead && this.#hinted && compareVersions(this.#hinted, before.version) <= 0) return;
    this.#mustRead = false;
    let change: ConfigurationChange | undefined;
    let document: ConfigurationDocument;
    try {
      change = await this.#store.readConfigurationChange(before.version);
      document = change ? changeDocument(before, change) : await this.#store.readConfiguration();
    } catch (error) {
      this.#mustRead = true;
      throw error;
    }
    if (compareVersions(document.version, before.version) === 0) return;
    this.#current = compileConfiguration(document);
    this.#document = document;
    this.#listeners.tell(change);
  }
}
