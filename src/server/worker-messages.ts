import type { Failure } from '../base/failure.ts';
import type { Aor, UserId } from '../model/names.ts';
import type { MetricReading } from '../observe/metrics.ts';
import type { StoreAnswer, StoreQuestion } from '../store/channel-store.ts';
import type { StoreHint } from '../store/store.ts';
import type { FrontEndServerConfiguration } from './server-configuration.ts';
import type { WorkerSeat } from './worker-seat.ts';

/** What the first worker tells another one, over the channel between parent and child. */
export type ToWorker =
  | {
      readonly kind: 'start';
      readonly configuration: FrontEndServerConfiguration;
      readonly seat: WorkerSeat;
      /** Users who were signed in when the server stopped. */
      readonly awaited: readonly Aor[];
    }
  | { readonly kind: 'store'; readonly answer: StoreAnswer }
  | { readonly kind: 'hint'; readonly hint: StoreHint }
  /** Read anew what has changed, and say when it counts. */
  | { readonly kind: 'apply'; readonly id: number; readonly configuration: boolean; readonly users: readonly UserId[] }
  | { readonly kind: 'read-metrics'; readonly id: number }
  | { readonly kind: 'stop' };

/** What a worker tells the first one. */
export type FromWorker =
  | { readonly kind: 'serving' }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'store'; readonly question: StoreQuestion }
  | { readonly kind: 'applied'; readonly id: number }
  | { readonly kind: 'metrics'; readonly id: number; readonly readings: readonly MetricReading[] };
