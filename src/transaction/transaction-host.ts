import type { Clock } from '../base/clock.ts';
import type { SipRequest } from '../sip/message.ts';
import type { TimerWheel } from './timer-wheel.ts';
import type { TransactionTimers } from './transaction-timers.ts';
import type { TransactionConnection } from './transaction-user.ts';

/** Plain counters of a transaction layer since its start, for metrics. */
export interface TransactionCounts {
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
