import { sql } from 'kysely';
import { type Clock, sleep } from '../../base/clock.ts';
import { type Failure, failure } from '../../base/failure.ts';
import { randomFraction } from '../../base/random.ts';
import type { Result } from '../../base/result.ts';
import type { ConfigurationVersion } from '../../model/configuration-version.ts';
import type { Database } from '../schema.ts';
import type { Committed, StoreHint } from '../store.ts';
import { type OperationName, type OperationRuns, operationOf } from '../store-operations.ts';
import type { Written } from '../written.ts';
import { writeHintMessage } from './hint-message.ts';
import { postgresTrouble, unavailableFailure } from './postgres-failure.ts';

/** One write of the store port. */
export interface WriteRequest {
  readonly name: OperationName;
  /** When it was asked for, milliseconds since 1970. */
  readonly atMs: number;
  readonly args: readonly unknown[];
}

/** What became of it. */
export type WriteAnswer =
  | { readonly kind: 'written'; readonly value: unknown; readonly hints: readonly StoreHint[] }
  /** `hints`: of a write that may have been kept all the same. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly hints: readonly StoreHint[] }
  | { readonly kind: 'fault'; readonly error: unknown };

/** What transactions run on. */
export interface WriteContext {
  readonly db: Database;
  readonly operations: OperationRuns;
  readonly clock: Clock;
  readonly channel: string;
  readonly origin: string;
}

/** A transaction that loses against others is run again so often, after a short jittered pause. */
const maxAttempts = 5;
const pauseMs = 10;

/** Ends a transaction whose one operation failed as expected: thrown through Kysely so that it rolls back. */
class RolledBack extends Error {
  readonly failure: Failure;

  constructor(of: Failure) {
    super(of.text);
    this.failure = of;
  }
}

/**
 * Runs writes in one transaction with one notification; answers after the commit. Where one of several fails, all are rolled back and run
 * alone, so that each still succeeds or fails by itself.
 */
export async function runWrites(context: WriteContext, requests: readonly WriteRequest[]): Promise<readonly WriteAnswer[]> {
  const answers = await tryTogether(context, requests);
  if (answers.length === requests.length) return answers;
  const alone: WriteAnswer[] = [];
  for (const request of requests) alone.push(...(await tryTogether(context, [request])));
  return alone;
}

/** No answers where the requests did not get through together. */
async function tryTogether(context: WriteContext, requests: readonly WriteRequest[]): Promise<readonly WriteAnswer[]> {
  for (let attempt = 1; ; attempt++) {
    const written: Written<unknown>[] = [];
    const state = { committing: false };
    try {
      await transact(context, requests, written, state);
      return written.map(({ value, hints }) => ({ kind: 'written', value, hints }));
    } catch (error) {
      const mayRepeat = postgresTrouble(error)?.kind === 'repeat' && attempt < maxAttempts;
      if (!mayRepeat && requests.length > 1) return [];
      if (!mayRepeat) return [answerError(error, requests[0], state.committing ? written : undefined)];
      await sleep(context.clock, pauseMs * attempt * (0.5 + randomFraction()));
    }
  }
}

async function transact(
  { db, operations, channel, origin }: WriteContext,
  requests: readonly WriteRequest[],
  written: Written<unknown>[],
  state: { committing: boolean },
): Promise<void> {
  // The store state row orders commits; each has to see what the one before it wrote, not the state at its own beginning.
  await db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async transaction => {
      // A binding is written again by the next REGISTER: it need not wait for the disk.
      if (requests.every(isAboutBindings)) await sql`set local synchronous_commit = off`.execute(transaction);
      for (const request of requests) {
        const result = await write(operations, transaction, request);
        if (!result.ok) throw new RolledBack(result.error);
        written.push(result.value);
      }
      const revision = requests.some(isAboutBindings) ? undefined : revisionOf(written.at(-1)?.value as Committed);
      const hints = joinHints(written.flatMap(write => write.hints));
      const payloads = writeHintMessage({ origin, ...(revision ? { revision } : {}), hints });
      if (revision || hints.length > 0) {
        await sql`select pg_notify(${channel}, payload) from unnest(cast(${payloads} as text[])) as payload`.execute(transaction);
      }
      state.committing = true;
    });
}

async function write(
  operations: OperationRuns,
  db: Database,
  { name, atMs, args }: WriteRequest,
): Promise<Result<Written<unknown>>> {
  const run = operations.get(name);
  if (!run) throw new Error(`there is no operation ${name}`);
  return (await run(db, atMs, ...args)) as Result<Written<unknown>>;
}

function isAboutBindings({ name }: WriteRequest): boolean {
  const operation = operationOf(name);
  return operation.kind === 'write' && operation.lane === 'bindings';
}

/** The revision of a commit: its number, in the epoch of the configuration. */
export function revisionOf({ revision, configuration }: Committed): ConfigurationVersion {
  return { epoch: configuration.epoch, number: revision };
}

/** Bindings of many writes become one hint. */
function joinHints(hints: readonly StoreHint[]): readonly StoreHint[] {
  const aors = new Set(hints.flatMap(hint => (hint.kind === 'bindings' ? hint.aors : [])));
  const others = hints.filter(hint => hint.kind !== 'bindings');
  return aors.size === 0 ? others : [...others, { kind: 'bindings', aors: [...aors] }];
}

/** `committing`: what was written when the commit itself broke. */
function answerError(
  error: unknown,
  request: WriteRequest | undefined,
  committing: readonly Written<unknown>[] | undefined,
): WriteAnswer {
  if (error instanceof RolledBack) return { kind: 'failed', failure: error.failure, hints: [] };
  const unavailable = unavailableFailure(error);
  if (!unavailable) return { kind: 'fault', error };
  if (!committing || postgresTrouble(error)?.kind !== 'unavailable') return { kind: 'failed', failure: unavailable, hints: [] };
  const hints = committing.flatMap(write => write.hints);
  // Writing a binding again does no harm, so nobody has to look whether it was kept.
  const unknown =
    request && isAboutBindings(request) ? unavailable : failure('STORE_OUTCOME_UNKNOWN', unavailable.details, error);
  return { kind: 'failed', failure: unknown, hints };
}
