import { compareVersions } from '../model/configuration-version.ts';
import { ConfigurationState } from './configuration-state.ts';
import type { ManagementStore } from './management-ports.ts';

/** Holds the newest known configuration and reads it again only when it moved. */
export class ConfigurationReader {
  readonly #store: ManagementStore;
  readonly #stopHints: () => void;
  #state: ConfigurationState | undefined;
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
      const state = new ConfigurationState(await this.#store.readConfiguration());
      if (generation === this.#generation) this.#state = state;
      return state;
    } finally {
      if (generation === this.#generation) this.#reading = undefined;
    }
  }
}
