import type { Clock } from '../base/clock.ts';
import type { Readiness } from '../management/http-api/management-api.ts';
import type { Store } from '../store/store.ts';

/** Whether a Front End can do its work: its store can be read, and no certificate of its own has run out. What else is to be said of it is said too. */
export function frontEndReadiness({
  store,
  clock,
  metrics,
}: {
  readonly store: Pick<Store, 'readRevisions'>;
  readonly clock: Clock;
  readonly metrics: { readonly problems: readonly string[]; readonly remarks: readonly string[] };
}): () => Promise<Readiness> {
  const ofStore = storeReadiness(store, clock);
  return async () => {
    const problems = [...(await ofStore()).problems, ...metrics.problems];
    return { ready: problems.length === 0, problems: [...problems, ...metrics.remarks] };
  };
}

/** A store that takes longer than this to read one row cannot be worked with. */
const patienceMs = 2000;

/** Whether this server can do its work now: it reads the store, and says since when it cannot. */
export function storeReadiness(store: Pick<Store, 'readRevisions'>, clock: Clock): () => Promise<Readiness> {
  let awaySinceMs: number | undefined;
  return async () => {
    const problem = await Promise.race([problemOf(store), late(clock)]);
    if (problem === undefined) awaySinceMs = undefined;
    else awaySinceMs ??= clock.now();
    if (problem === undefined || awaySinceMs === undefined) return { ready: true, problems: [] };
    return { ready: false, problems: [`${problem} (since ${new Date(awaySinceMs).toISOString()})`] };
  };
}

async function problemOf(store: Pick<Store, 'readRevisions'>): Promise<string | undefined> {
  try {
    await store.readRevisions(1);
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : 'The store cannot be read.';
  }
}

function late(clock: Clock): Promise<string> {
  return new Promise(resolve => {
    clock.after(patienceMs, () => resolve(`The store did not answer within ${patienceMs / 1000} seconds.`));
  });
}
