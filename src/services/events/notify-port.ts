import type { Aor } from '../../model/names.ts';
import type { OutgoingMessage } from '../../sip/serialise.ts';
import type { Subscriber } from './subscriber.ts';
import type { WatchedUser } from './watched-user.ts';

/** How a NOTIFY fared. No answer in time is 408, a broken connection 503 (rfc3261 8.1.3.1). */
export interface NotifyAnswer {
  readonly status: number;
  /** Value of Retry-After. */
  readonly retryAfterSeconds?: number;
}

/** Whose state a NOTIFY tells whom. */
export interface NotifiedSubscription {
  readonly id: string;
  readonly user: WatchedUser;
  readonly subscriber: Subscriber;
  /** A BENOTIFY: nobody answers, so it has fared well once it is sent. */
  readonly isBestEffort: boolean;
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
