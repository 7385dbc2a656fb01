import type { ParseLimits } from '../sip/parse-limits.ts';
import type { Framed } from '../sip/stream-framer.ts';
import { readWholeMessage } from '../sip/whole-message.ts';

/** Hands out what a transport delivers message by message, so that a connection can stop in between and go on later. */
export class MessageFramer {
  readonly #limits: ParseLimits;
  readonly #waiting: Uint8Array[] = [];

  constructor(limits: ParseLimits) {
    this.#limits = limits;
  }

  /** Never: messages come whole. */
  readonly isInMessage = false;

  /** Takes one whole message. */
  push(message: Uint8Array): void {
    this.#waiting.push(message);
  }

  /** The next message or keep-alive; never fatal, as a message that cannot be read says nothing about the next. */
  next(): Framed {
    const message = this.#waiting.shift();
    return message === undefined ? { kind: 'need-more' } : readWholeMessage(message, this.#limits);
  }

  /** Forgets what waits: the stream is over. */
  close(): void {
    this.#waiting.length = 0;
  }
}
