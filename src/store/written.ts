import type { StoreHint } from './store.ts';

/** What a write produced, with the hints to give once it is committed. */
export interface Written<T> {
  readonly value: T;
  readonly hints: readonly StoreHint[];
}
