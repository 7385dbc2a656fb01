import { type Failure, FailureError, failure } from '../base/failure.ts';
import { Listeners } from '../base/listeners.ts';
import { err, type Result } from '../base/result.ts';
import type { Binding } from '../model/binding.ts';
import type { ConfigurationChange } from '../model/configuration-change.ts';
import type { ConfigurationDocument } from '../model/configuration-object.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';
import type { Aor, TenantId, UserId } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type {
  BackupHistory,
  BackupState,
  BindingKey,
  ChangeSet,
  Committed,
  Revision,
  SealedCredential,
  Store,
  StoreHint,
} from './store.ts';

/** The operations of a store that pass the channel. */
type StoreOperation = Exclude<keyof Store, 'onHint' | 'close'>;

/** One operation asked of the process that has the store. */
export interface StoreQuestion {
  readonly id: number;
  readonly operation: StoreOperation;
  readonly input: readonly unknown[];
}

/** How it ended: with a value (of writes a result), or thrown. */
export type StoreAnswer =
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'fault'; readonly id: number; readonly error: string };

/** A store that another process has: one implementation, whatever the engine. It lives as long as the channel. */
export class ChannelStore implements Store {
  readonly #send: (question: StoreQuestion) => void;
  readonly #waiting = new Map<number, (answer: StoreAnswer) => void>();
  readonly #asked = new Set<Promise<StoreAnswer>>();
  readonly #listeners = new Listeners<[hint: StoreHint]>();
  #nextId = 0;
  #closed = false;

  /** `send` brings a question to the other process, which answers by `take`. */
  constructor(send: (question: StoreQuestion) => void) {
    this.#send = send;
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

  readConfiguration(): Promise<ConfigurationDocument> {
    return this.#ask('readConfiguration', []);
  }

  readConfigurationChange(since: ConfigurationVersion): Promise<ConfigurationChange | undefined> {
    return this.#ask('readConfigurationChange', [since]);
  }

  commit(change: ChangeSet): Promise<Result<Committed>> {
    return this.#write('commit', [change]);
  }

  readRevisions(limit: number, before?: number): Promise<readonly Revision[]> {
    return this.#ask('readRevisions', [limit, before]);
  }

  readUsers(filter?: { readonly tenant?: TenantId; readonly ids?: readonly UserId[] }): Promise<readonly User[]> {
    return this.#ask('readUsers', [filter]);
  }

  readCredentials(ids: readonly UserId[]): Promise<ReadonlyMap<UserId, SealedCredential>> {
    return this.#ask('readCredentials', [ids]);
  }

  writeBindings(upserts: readonly Binding[], removals: readonly BindingKey[]): Promise<Result<void>> {
    return this.#write('writeBindings', [upserts, removals]);
  }

  readBindings(aors?: readonly Aor[]): Promise<readonly Binding[]> {
    return this.#ask('readBindings', [aors]);
  }

  forgetIncarnations(node: string, except: string): Promise<Result<void>> {
    return this.#write('forgetIncarnations', [node, except]);
  }

  readBackupState(): Promise<BackupState> {
    return this.#ask('readBackupState', []);
  }

  readBackupHistory(after: number, upTo: number): Promise<BackupHistory> {
    return this.#ask('readBackupHistory', [after, upTo]);
  }

  onHint(listener: (hint: StoreHint) => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#asked);
  }

  async #write<T>(operation: StoreOperation, input: readonly unknown[]): Promise<Result<T>> {
    try {
      return await this.#ask<Result<T>>(operation, input);
    } catch (error) {
      if (error instanceof FailureError) return err(error.failure);
      throw error;
    }
  }

  async #ask<T>(operation: StoreOperation, input: readonly unknown[]): Promise<T> {
    if (this.#closed) throw new FailureError(unavailable());
    const id = this.#nextId++;
    const asked = new Promise<StoreAnswer>(resolve => {
      this.#waiting.set(id, resolve);
      this.#send({ id, operation, input });
    });
    this.#asked.add(asked);
    const answer = await asked;
    this.#asked.delete(asked);
    if (answer.kind === 'value') return answer.value as T;
    if (answer.kind === 'failed') throw new FailureError(answer.failure);
    throw new Error(`${operation} in the process that has the store: ${answer.error}`);
  }
}

function unavailable(): Failure {
  return failure('STORE_UNAVAILABLE', { reason: 'it is closed' });
}

/** Carries out a question on the store itself. */
export async function answerStoreQuestion(store: Store, { id, operation, input }: StoreQuestion): Promise<StoreAnswer> {
  try {
    const run = store[operation] as (...input: readonly unknown[]) => Promise<unknown>;
    return { kind: 'value', id, value: withoutCause(await run.apply(store, [...input])) };
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
