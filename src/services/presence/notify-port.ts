import type { Aor } from '../../model/names.ts';
import type { OutgoingMessage } from '../../sip/serialise.ts';

/** How a NOTIFY fared. No answer in time is 408, a broken connection 503 (rfc3261 8.1.3.1). */
export interface NotifyAnswer {
  readonly status: number;
  /** Value of Retry-After, also for a connection that has too much outstanding: the newest state is sent then. */
  readonly retryAfterSeconds?: number;
}

/** The way to one watcher: a client's flow or a trunk. One object for each way, the same as long as it is open. */
export interface NotifyPort {
  /** Our Contact towards that watcher: later SUBSCRIBE requests go to it. */
  contact(presentity: Aor): string;
  /** Sends a NOTIFY, which has no Via yet (`withVia`), in the order of the calls. `onAnswer` is called once, with the final answer. */
  send(subscription: string, notify: OutgoingMessage, onAnswer: (answer: NotifyAnswer) => void): void;
}
