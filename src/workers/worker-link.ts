import type { Socket } from 'node:net';
import { surfaceFault } from '../base/boundary.ts';
import { encodeFrames, type Frame, FrameReader, frameBytes } from './frame.ts';

/** Whoever uses a link; called from the event loop, never from within `send`. */
export interface WorkerLinkOwner {
  onFrame(frame: Frame): void;
  /** The link is over; said once. */
  onEnd(): void;
}

/** One end of a Unix socket between two workers. All frames of one turn of the event loop leave in one write, in order. */
export class WorkerLink {
  readonly #socket: Socket;
  readonly #owner: WorkerLinkOwner;
  readonly #reader = new FrameReader();
  #waiting: Frame[] = [];
  #waitingBytes = 0;
  #isSoon = false;

  constructor(socket: Socket, owner: WorkerLinkOwner) {
    this.#socket = socket;
    this.#owner = owner;
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('close', () => owner.onEnd());
  }

  /** Bytes sent that the other side has not taken yet. */
  get queuedBytes(): number {
    return this.#waitingBytes + this.#socket.writableLength;
  }

  /** Queues a frame; after the end it goes nowhere. */
  send(frame: Frame): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#flush());
    this.#waiting.push(frame);
    this.#waitingBytes += frameBytes(frame);
  }

  /** Writes what waits when the current callback is over. */
  flushSoon(): void {
    if (this.#isSoon) return;
    this.#isSoon = true;
    process.nextTick(() => {
      this.#isSoon = false;
      this.#flush();
    });
  }

  /** Breaks the link off. */
  close(): void {
    this.#socket.destroy();
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const frames = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#socket.writable) this.#socket.write(encodeFrames(frames));
  }

  #receive(bytes: Buffer): void {
    let frames: readonly Frame[];
    try {
      frames = this.#reader.push(bytes);
    } catch (fault) {
      // what follows could not be told from what came before
      surfaceFault(fault);
      this.close();
      return;
    }
    for (const frame of frames) this.#owner.onFrame(frame);
  }
}
