import type { Clock } from '../base/clock.ts';
import type { SipRequest } from '../sip/message.ts';
import { knownMethods } from '../sip/methods.ts';
import type { TimerWheel } from './timer-wheel.ts';
import type { TransactionConnection } from './transaction-connection.ts';
import type { TransactionTimers } from './transaction-timers.ts';

/** Requests of one method, and their final answers by the first digit of the status. */
export interface MethodCounts {
  requests: number;
  readonly answers: number[];
}

/** Counts of every method we give a meaning to, and under an empty name those of all others. */
export function countsByMethod(): ReadonlyMap<string, MethodCounts> {
  return new Map(['', ...knownMethods].map(method => [method, { requests: 0, answers: [0, 0, 0, 0, 0, 0, 0] }]));
}

/** Plain counters of a transaction layer since its start, for metrics. */
export interface TransactionCounts {
  readonly methods: ReadonlyMap<string, MethodCounts>;
  serverStarted: number;
  clientStarted: number;
  /** Requests answered 503 because a limit was reached. */
  refused: number;
  /** Requests not sent because the limit for client transactions was reached. */
  unsent: number;
  /** Requests that came again and were absorbed. */
  repeatedRequests: number;
  /** Messages sent again by us, over unreliable transports. */
  retransmissions: number;
  clientTimeouts: number;
  /** Failed INVITEs whose ACK never came. */
  ackTimeouts: number;
  /** Requests that the transaction user never answered. */
  abandoned: number;
  transportErrors: number;
  strayResponses: number;
}

/** What a transaction needs from the layer it lives in. */
export interface TransactionHost<C extends TransactionConnection> {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly timers: TransactionTimers;
  readonly counts: TransactionCounts;
  /** Hands an ACK for a 2xx up. */
  passAck(request: SipRequest, connection: C): void;
}
