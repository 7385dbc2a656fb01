import type { Aor } from '../../model/names.ts';
import type { OutgoingMessage } from '../../sip/serialise.ts';
import type { Subscriber } from './watchers.ts';

/** How a NOTIFY fared. No answer in time is 408, a broken connection 503 (rfc3261 8.1.3.1). */
export interface NotifyAnswer {
  readonly status: number;
  /** Value of Retry-After, also for a way that is closed at the moment: the newest state is sent then, and later each further time. */
  readonly retryAfterSeconds?: number;
}

/** Whose state a NOTIFY tells whom. */
export interface NotifiedSubscription {
  readonly id: string;
  readonly presentity: Aor;
  readonly subscriber: Subscriber;
  /** The NOTIFY is the last one. */
  readonly isTerminated: boolean;
}

/** The way to one watcher: a client's flow or a trunk. One object for each way, the same as long as it is open. */
export interface NotifyPort {
  /** Our Contact towards that watcher: later SUBSCRIBE requests go to it. */
  contact(presentity: Aor): string;
  /** Sends a NOTIFY, which has no Via yet (`withVia`), in the order of the calls. `onAnswer` is called once, with the final answer. */
  send(subscription: NotifiedSubscription, notify: OutgoingMessage, onAnswer: (answer: NotifyAnswer) => void): void;
}
