import type { Clock, Timer } from '../../base/clock.ts';
import type { Aor } from '../../model/names.ts';

/** Clients try again within 30 s of a break (rfc5626 4.5); two tries count. */
const settleMs = 60_000;

/**
 * Users who were signed in when the server stopped. Until they have come back, or had time to, nobody is told that they are not there. To watchers who
 * are not to see the truth it ends for all at the same time: by when it ended they could tell otherwise who has blocked them.
 */
export class AwaitedUsers {
  readonly #away: Set<Aor>;
  #all: ReadonlySet<Aor>;
  readonly #timer: Timer | undefined;

  /** `settled` is called for each of them when the time is over. */
  constructor(clock: Clock, users: ReadonlySet<Aor>, settled: (aor: Aor) => void) {
    this.#all = users;
    this.#away = new Set(users);
    if (users.size === 0) return;
    this.#timer = clock.after(settleMs, () => {
      this.#all = new Set();
      this.#away.clear();
      for (const aor of users) settled(aor);
    });
  }

  /** Whether nothing can be said of that user yet. */
  has(aor: Aor, looksOffline: boolean): boolean {
    return this.#all.size > 0 && (looksOffline ? this.#all : this.#away).has(aor);
  }

  /** The user is back. */
  came(aor: Aor): void {
    this.#away.delete(aor);
  }

  close(): void {
    this.#timer?.cancel();
  }
}
