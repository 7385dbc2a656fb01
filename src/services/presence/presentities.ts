import type { Aor } from '../../model/names.ts';
import type { WatchedUser } from '../events/watched-user.ts';
import { Presentity } from './presentity.ts';

/** The users whose presence is known or watched here; who has nothing left is forgotten. */
export class Presentities {
  readonly #byAor = new Map<Aor, Presentity>();

  get count(): number {
    return this.#byAor.size;
  }

  find(aor: Aor): Presentity | undefined {
    return this.#byAor.get(aor);
  }

  /** The presentity of that user, made where there is none: whoever makes one puts something in it, or has it dropped. */
  of({ tenant, aor }: WatchedUser): Presentity {
    let presentity = this.#byAor.get(aor);
    if (!presentity) this.#byAor.set(aor, (presentity = new Presentity(tenant, aor)));
    return presentity;
  }

  /** Forgets it if nothing is known and nobody asks. */
  dropIfEmpty(presentity: Presentity): void {
    if (presentity.isEmpty && this.#byAor.get(presentity.aor) === presentity) this.#byAor.delete(presentity.aor);
  }
}
