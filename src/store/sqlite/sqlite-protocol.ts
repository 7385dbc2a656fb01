import type { Failure } from '../../base/failure.ts';
import type { OperationName } from '../store-operations.ts';

/** What the main thread asks the worker. Numbers come back in the answer. */
export type SqliteRequest =
  | { readonly kind: 'read'; readonly id: number; readonly name: OperationName; readonly args: readonly unknown[] }
  | {
      readonly kind: 'write';
      readonly id: number;
      readonly name: OperationName;
      readonly atMs: number;
      readonly args: readonly unknown[];
    }
  | { readonly kind: 'verify'; readonly id: number }
  | { readonly kind: 'close' };

/** One operation's end: a value, an expected failure, or a fault of ours. */
export type SqliteAnswer =
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'fault'; readonly id: number; readonly error: unknown };

/** What the worker tells the main thread. */
export type SqliteReport =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'answers'; readonly answers: readonly SqliteAnswer[] }
  | { readonly kind: 'closed' };
