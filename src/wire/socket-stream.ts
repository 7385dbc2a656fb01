import type { Socket } from 'node:net';
import type { ByteStream, ByteStreamHandler } from './byte-stream.ts';

/** A TCP or TLS socket as a byte stream. */
export class SocketStream implements ByteStream {
  readonly carries = 'bytes';
  readonly #socket: Socket;
  #cause: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    // From the first moment: an error without a listener would end the process.
    socket.on('error', cause => {
      this.#cause ??= cause;
    });
  }

  open(handler: ByteStreamHandler): void {
    const socket = this.#socket;
    if (socket.destroyed) {
      process.nextTick(() => handler.onEnd(this.#cause));
      return;
    }
    socket.on('data', (bytes: Buffer) => {
      handler.onReceived(bytes.length);
      handler.onBytes(bytes);
    });
    socket.on('close', () => {
      // Node's own half of a closed TLS socket stays until the next full collection: nothing of ours is to stay with it
      socket.removeAllListeners();
      handler.onEnd(this.#cause);
    });
  }

  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  setReading(reading: boolean): void {
    if (reading) this.#socket.resume();
    else this.#socket.pause();
  }

  close(when: 'after-writes' | 'now'): void {
    if (when === 'now') {
      this.#socket.destroy();
      return;
    }
    this.#socket.end();
    // A paused socket would never see the peer's end.
    this.#socket.resume();
  }
}
