import { compareVersions } from '../model/configuration-version.ts';
import { ConfigurationState } from './configuration-state.ts';
import type { ManagementStore } from './management-ports.ts';

/** Holds the newest known configuration and reads it again only when it moved. */
export class ConfigurationReader {
  readonly #store: ManagementStore;
  readonly #stopHints: () => void;
  #state: ConfigurationState | undefined;
  /** What was read last: from there on the store tells what changed. */
  #last: ConfigurationState | undefined;
  #generation = 0;
  #reading: Promise<ConfigurationState> | undefined;

  constructor(store: ManagementStore) {
    this.#store = store;
    this.#stopHints = store.onHint(hint => {
      if (hint.kind === 'resync') this.forget();
      if (hint.kind !== 'configuration') return;
      if (!this.#state || compareVersions(this.#state.version, hint.version) !== 0) this.forget();
    });
  }

  /** The configuration; a state that a conflict or a hint has shown to be old is never returned. */
  async read(): Promise<ConfigurationState> {
    if (this.#state) return this.#state;
    this.#reading ??= this.#readStore();
    return this.#reading;
  }

  /** Makes the next read go to the store. */
  forget(): void {
    this.#state = undefined;
    this.#reading = undefined;
    this.#generation++;
  }

  close(): void {
    this.#stopHints();
    this.forget();
  }

  async #readStore(): Promise<ConfigurationState> {
    const generation = this.#generation;
    try {
      const state = await this.#readNewest();
      if (generation === this.#generation) this.#state = this.#last = state;
      return state;
    } finally {
      if (generation === this.#generation) this.#reading = undefined;
    }
  }

  async #readNewest(): Promise<ConfigurationState> {
    const last = this.#last;
    const change = last && (await this.#store.readConfigurationChange(last.version));
    return last && change ? last.after(change) : ConfigurationState.of(await this.#store.readConfiguration());
  }
}
