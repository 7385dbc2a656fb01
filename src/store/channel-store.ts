import { type Failure, FailureError, failure } from '../base/failure.ts';
import { Listeners } from '../base/listeners.ts';
import { err, type Result } from '../base/result.ts';
import type { Store, StoreHint } from './store.ts';
import { callStore, storeFacade } from './store-facade.ts';
import { type OperationName, operationOf } from './store-operations.ts';

/** One operation asked of the process that has the store. */
export interface StoreQuestion {
  readonly id: number;
  readonly operation: OperationName;
  readonly args: readonly unknown[];
}

/** How it ended: with a value (of writes a result), or thrown. */
export type StoreAnswer =
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'fault'; readonly id: number; readonly error: string };

/** A store that another process has: one implementation, whatever the engine. It lives as long as the channel. */
export class StoreChannel {
  /** The store as this process uses it. */
  readonly store: Store;
  readonly #send: (question: StoreQuestion) => void;
  readonly #waiting = new Map<number, (answer: StoreAnswer) => void>();
  readonly #asked = new Set<Promise<StoreAnswer>>();
  readonly #listeners = new Listeners<[hint: StoreHint]>();
  #nextId = 0;
  #closed = false;

  /** `send` brings a question to the other process, which answers by `take`. */
  constructor(send: (question: StoreQuestion) => void) {
    this.#send = send;
    this.store = {
      ...storeFacade((name, args) => (operationOf(name).kind === 'read' ? this.#ask(name, args) : this.#write(name, args))),
      onHint: listener => this.#listeners.add(listener),
      close: () => this.#close(),
    };
  }

  /** Takes an answer that has come. */
  take(answer: StoreAnswer): void {
    const settle = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    settle?.(answer);
  }

  /** Takes a hint that has come. */
  hint(hint: StoreHint): void {
    this.#listeners.tell(hint);
  }

  async #close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#asked);
  }

  async #write(operation: OperationName, args: readonly unknown[]): Promise<unknown> {
    try {
      return await this.#ask(operation, args);
    } catch (error) {
      if (error instanceof FailureError) return err(error.failure);
      throw error;
    }
  }

  async #ask(operation: OperationName, args: readonly unknown[]): Promise<unknown> {
    if (this.#closed) throw new FailureError(unavailable());
    const id = this.#nextId++;
    const asked = new Promise<StoreAnswer>(resolve => {
      this.#waiting.set(id, resolve);
      this.#send({ id, operation, args });
    });
    this.#asked.add(asked);
    const answer = await asked;
    this.#asked.delete(asked);
    if (answer.kind === 'value') return answer.value;
    if (answer.kind === 'failed') throw new FailureError(answer.failure);
    throw new Error(`${operation} in the process that has the store: ${answer.error}`);
  }
}

function unavailable(): Failure {
  return failure('STORE_UNAVAILABLE', { reason: 'it is closed' });
}

/** Carries out a question on the store itself. */
export async function answerStoreQuestion(store: Store, { id, operation, args }: StoreQuestion): Promise<StoreAnswer> {
  try {
    return { kind: 'value', id, value: withoutCause(await callStore(store, operation, args)) };
  } catch (error) {
    if (error instanceof FailureError) return { kind: 'failed', id, failure: failureWithoutCause(error.failure) };
    return { kind: 'fault', id, error: error instanceof Error ? error.message : String(error) };
  }
}

/** A cause may hold what cannot leave its process. */
function withoutCause(value: unknown): unknown {
  const result = value as Partial<Result<unknown>> | undefined;
  return result?.ok === false ? err(failureWithoutCause((result as { readonly error: Failure }).error)) : value;
}

function failureWithoutCause(of: Failure): Failure {
  return { ...of, cause: undefined };
}
