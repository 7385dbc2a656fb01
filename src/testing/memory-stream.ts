import type { ByteStream, ByteStreamHandler } from '../wire/byte-stream.ts';

/** How a pair of memory streams behaves. */
export interface MemoryStreamOptions {
  /** Delivers in pieces of at most this many bytes; 1 is byte by byte. Whole writes otherwise. */
  readonly pieceBytes?: number;
}

/** One end of a pair of byte streams in memory. Bytes written at one end arrive at the other in a later microtask. */
export class MemoryStream implements ByteStream {
  readonly carries = 'bytes';
  readonly #pieceBytes: number;
  #peer: MemoryStream | undefined;
  #handler: ByteStreamHandler | undefined;
  #inbox: Uint8Array[] = [];
  #reading = true;
  #ending = false;
  #ended = false;
  #cause: Error | undefined;
  #scheduled = false;

  private constructor(options: MemoryStreamOptions) {
    this.#pieceBytes = options.pieceBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Two connected ends. */
  static pair(options: MemoryStreamOptions = {}): [MemoryStream, MemoryStream] {
    const a = new MemoryStream(options);
    const b = new MemoryStream(options);
    a.#peer = b;
    b.#peer = a;
    return [a, b];
  }

  open(handler: ByteStreamHandler): void {
    this.#handler = handler;
    if (this.#ended) this.#tellEnd();
    else this.#schedule();
  }

  write(bytes: Uint8Array): void {
    if (this.#ending || this.#ended || bytes.length === 0) return;
    const peer = this.#other();
    peer.#inbox.push(bytes);
    peer.#schedule();
  }

  get queuedBytes(): number {
    let bytes = 0;
    for (const piece of this.#other().#inbox) bytes += piece.length;
    return bytes;
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    this.#schedule();
  }

  close(when: 'after-writes' | 'now'): void {
    if (this.#ended) return;
    this.#ending = true;
    const peer = this.#other();
    if (when === 'now') {
      peer.#inbox = [];
      this.#end(undefined);
    }
    peer.#schedule();
  }

  /** Breaks the stream at both ends, as a network failure does. */
  fail(cause: Error): void {
    this.#other().#end(cause);
    this.#end(cause);
  }

  #other(): MemoryStream {
    if (this.#peer === undefined) throw new Error('a memory stream is made by MemoryStream.pair');
    return this.#peer;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    if (this.#handler === undefined || this.#ended) return;
    while (this.#reading && !this.#ended) {
      const bytes = this.#inbox.shift();
      if (bytes === undefined) break;
      if (bytes.length > this.#pieceBytes) this.#inbox.unshift(bytes.subarray(this.#pieceBytes));
      const piece = bytes.subarray(0, this.#pieceBytes);
      this.#handler.onReceived(piece.length);
      this.#handler.onBytes(piece);
    }
    const peer = this.#other();
    if (this.#inbox.length > 0 || !(peer.#ending || peer.#ended)) return;
    // As a socket without half-open: the end of the peer is the end of both, once everything sent was taken.
    this.#end(undefined);
    peer.#end(undefined);
  }

  #end(cause: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cause = cause;
    if (this.#handler !== undefined) this.#tellEnd();
  }

  #tellEnd(): void {
    queueMicrotask(() => this.#handler?.onEnd(this.#cause));
  }
}
