import type { WriteAnswer, WriteRequest } from './write-transaction.ts';

interface Waiting {
  readonly request: WriteRequest;
  readonly settle: (answer: WriteAnswer) => void;
}

/**
 * Runs writes of one kind one transaction after the other, and in one transaction what came meanwhile, up to `maxGroup`. So waiting writes
 * hold one connection of the pool and never all, and one notification serves a whole group.
 */
export class WriteLane {
  readonly #maxGroup: number;
  readonly #run: (requests: readonly WriteRequest[]) => Promise<readonly WriteAnswer[]>;
  #queue: Waiting[] = [];
  #draining: Promise<void> | undefined;

  /** `run` gives one answer to each request; it may reject, which is then the answer to all. */
  constructor(maxGroup: number, run: (requests: readonly WriteRequest[]) => Promise<readonly WriteAnswer[]>) {
    this.#maxGroup = maxGroup;
    this.#run = run;
  }

  add(request: WriteRequest): Promise<WriteAnswer> {
    return new Promise(settle => {
      this.#queue.push({ request, settle });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when everything added so far is answered. */
  async idle(): Promise<void> {
    while (this.#draining) await this.#draining;
  }

  async #drain(): Promise<void> {
    // After all that is asked for in this tick: it makes one group.
    await new Promise(resolve => setImmediate(resolve));
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, this.#maxGroup);
      const answers = await this.#answers(group.map(({ request }) => request));
      group.forEach(({ settle }, i) => settle(answers[i] as WriteAnswer));
    }
    this.#draining = undefined;
  }

  async #answers(requests: readonly WriteRequest[]): Promise<readonly WriteAnswer[]> {
    try {
      return await this.#run(requests);
    } catch (error) {
      return requests.map(() => ({ kind: 'fault', error }));
    }
  }
}
