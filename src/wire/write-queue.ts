import { byteLength, type OutgoingMessage, serialise, serialiseAll } from '../sip/serialise.ts';
import type { ByteStream } from './byte-stream.ts';

/**
 * When what was queued is written. `trunk`: once the event loop has read everything that is there, so many messages share one write
 * and one TLS record (3 to 7 times cheaper per message). `direct`: when the current callback is over; a user's connection
 * rarely has two messages to merge, and gains nothing from waiting longer.
 */
export type WriteMode = 'direct' | 'trunk';

/** Messages on their way into a stream; each flush is one Buffer and one write, or one of each per message where the stream keeps their borders. */
export class WriteQueue {
  readonly #stream: ByteStream;
  readonly #mode: WriteMode;
  #waiting: OutgoingMessage[] = [];
  #waitingBytes = 0;

  constructor(stream: ByteStream, mode: WriteMode) {
    this.#stream = stream;
    this.#mode = mode;
  }

  /** Bytes accepted here and not yet taken by the peer's side. */
  get queuedBytes(): number {
    return this.#waitingBytes + this.#stream.queuedBytes;
  }

  /** Queues one message for the next flush. */
  push(message: OutgoingMessage): void {
    if (this.#waiting.length === 0) {
      if (this.#mode === 'trunk') setImmediate(flushQueue, this);
      else process.nextTick(flushQueue, this);
    }
    this.#waiting.push(message);
    this.#waitingBytes += byteLength(message);
  }

  /** Writes everything that waits, now. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const messages = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#stream.carries === 'bytes') this.#stream.write(serialiseAll(messages));
    else for (const message of messages) this.#stream.write(serialise(message));
  }

  /** Forgets what waits: the stream is gone. */
  clear(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

function flushQueue(queue: WriteQueue): void {
  queue.flush();
}
