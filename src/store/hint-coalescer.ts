import { Listeners } from '../base/listeners.ts';
import { type ConfigurationVersion, compareVersions } from '../model/configuration-version.ts';
import type { Aor, UserId } from '../model/names.ts';
import type { StoreHint } from './store.ts';

/** Collects the hints of one tick and gives each listener one of a kind. */
export class HintCoalescer {
  readonly #listeners = new Listeners<[hint: StoreHint]>();
  #configuration: ConfigurationVersion | undefined;
  #users = new Set<UserId>();
  #aors = new Set<Aor>();
  #resync = false;
  #scheduled = false;

  /** Returns the function that stops the listener. */
  listen(listener: (hint: StoreHint) => void): () => void {
    return this.#listeners.add(listener);
  }

  add(hints: readonly StoreHint[]): void {
    for (const hint of hints) this.#collect(hint);
    if (this.#scheduled || hints.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => this.#deliver());
  }

  #collect(hint: StoreHint): void {
    switch (hint.kind) {
      case 'configuration':
        if (!this.#configuration || compareVersions(this.#configuration, hint.version) < 0) this.#configuration = hint.version;
        break;
      case 'users':
        for (const id of hint.ids) this.#users.add(id);
        break;
      case 'bindings':
        for (const aor of hint.aors) this.#aors.add(aor);
        break;
      case 'resync':
        this.#resync = true;
    }
  }

  #deliver(): void {
    const hints: StoreHint[] = [];
    if (this.#resync) hints.push({ kind: 'resync' });
    if (this.#configuration) hints.push({ kind: 'configuration', version: this.#configuration });
    if (this.#users.size > 0) hints.push({ kind: 'users', ids: [...this.#users] });
    if (this.#aors.size > 0) hints.push({ kind: 'bindings', aors: [...this.#aors] });
    this.#configuration = undefined;
    this.#users = new Set();
    this.#aors = new Set();
    this.#resync = false;
    this.#scheduled = false;
    for (const hint of hints) this.#listeners.tell(hint);
  }
}
