import type { Result } from '../base/result.ts';
import { unpackConfiguration } from './packed-configuration.ts';
import type { Database } from './schema.ts';
import type { Store } from './store.ts';
import type { Written } from './written.ts';

/** The part of a store that is operations on what is stored. */
export type StoreOperations = Omit<Store, 'onHint' | 'close'>;

/** Name of an operation. */
export type OperationName = keyof StoreOperations;

/** Loads what carries out an operation: only the thread with the database does, and the others start without it. */
type Load<R> = () => Promise<R>;

/** A read on any engine: called with `A`, answers `V`. */
export interface ReadOperation<A extends readonly unknown[], V> {
  readonly kind: 'read';
  readonly load: Load<(db: Database, ...args: A) => Promise<unknown>>;
  /** What was read may be long: it crosses a thread border as one string, which is cheap. */
  readonly asText: boolean;
  /** Makes the answer of what was read, on the caller's side. */
  readonly finish: (found: unknown) => V;
}

/** A write on any engine, inside a transaction which the caller rolls back on a failure. `atMs`: when it was asked for. */
export interface WriteOperation<A extends readonly unknown[], V> {
  readonly kind: 'write';
  /** `bindings` may share a transaction and need not wait for the disk: the next REGISTER writes them again. */
  readonly lane: 'revisions' | 'bindings';
  readonly load: Load<(db: Database, atMs: number, ...args: A) => Promise<Result<Written<V>>>>;
}

type OperationOf<F> = F extends (...args: infer A) => Promise<infer V>
  ? [V] extends [Result<infer T>]
    ? WriteOperation<A, T>
    : ReadOperation<A, V>
  : never;

function read<A extends readonly unknown[], V>(load: Load<(db: Database, ...args: A) => Promise<V>>): ReadOperation<A, V> {
  return { kind: 'read', load, asText: false, finish: found => found as V };
}

function readLong<A extends readonly unknown[], V>(load: Load<(db: Database, ...args: A) => Promise<V>>): ReadOperation<A, V> {
  return { ...read(load), asText: true };
}

function readPacked<A extends readonly unknown[], P, V>(
  load: Load<(db: Database, ...args: A) => Promise<P>>,
  unpack: (packed: P) => V,
): ReadOperation<A, V> {
  return { kind: 'read', load, asText: false, finish: found => unpack(found as P) };
}

function write<A extends readonly unknown[], V>(
  lane: WriteOperation<A, V>['lane'],
  load: WriteOperation<A, V>['load'],
): WriteOperation<A, V> {
  return { kind: 'write', lane, load };
}

const configuration = () => import('./configuration-repository.ts');
const users = () => import('./user-repository.ts');
const bindings = () => import('./binding-repository.ts');
const backup = () => import('./backup/backup-rows.ts');

/**
 * Every operation of the store port: how it is carried out on a database. Both engines, the channel between processes, and the stores around
 * a store are made from this table, so that a new operation is its signature in the port and its line here.
 */
export const storeOperations: { readonly [N in OperationName]: OperationOf<StoreOperations[N]> } = {
  readConfiguration: readPacked(async () => (await configuration()).readConfiguration, unpackConfiguration),
  readConfigurationChange: read(async () => (await configuration()).readConfigurationChange),
  commit: write('revisions', async () => (await import('./commit-change-set.ts')).commitChangeSet),
  readRevisions: readLong(async () => (await import('./revision-repository.ts')).readRevisions),
  readUsers: readLong(async () => (await users()).readUsers),
  readCredentials: read(async () => (await users()).readCredentials),
  writeBindings: write('bindings', async () => (await bindings()).replaceBindings),
  readBindings: readLong(async () => (await bindings()).readBindings),
  forgetIncarnations: write('bindings', async () => (await bindings()).forgetIncarnations),
  readBackupState: read(async () => (await backup()).readBackupState),
  readBackupHistory: read(async () => (await backup()).readBackupHistory),
};

/** The names of all operations. */
export const operationNames = Object.keys(storeOperations) as readonly OperationName[];

/** An operation as engines run it, whatever it takes and gives. */
export type AnyOperation = ReadOperation<readonly unknown[], unknown> | WriteOperation<readonly unknown[], unknown>;

/** The operation of a name. */
export function operationOf(name: OperationName): AnyOperation {
  return storeOperations[name] as unknown as AnyOperation;
}

/** What carries out the operations, loaded. */
export type OperationRuns = ReadonlyMap<OperationName, (db: Database, ...args: readonly unknown[]) => Promise<unknown>>;

/** Loads what carries out the operations on a database. Writes take the time they were asked for before their arguments, and give a `Result<Written>`. */
export async function loadOperations(): Promise<OperationRuns> {
  return new Map(
    await Promise.all(operationNames.map(async name => [name, await operationOf(name).load()] as const)),
  ) as OperationRuns;
}
