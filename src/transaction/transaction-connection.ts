import type { OutgoingMessage } from '../sip/serialise.ts';

/** What transactions need of a connection. */
export interface TransactionConnection {
  readonly id: string;
  /** True for TCP, TLS and WebSocket: nothing is retransmitted. */
  readonly reliable: boolean;
  /** Queues a message. False if the connection is closed: nothing was or will be sent. */
  send(message: OutgoingMessage): boolean;
}
