import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Clock, Timer } from '../base/clock.ts';
import type { ByteStream, ByteStreamHandler } from './byte-stream.ts';

/** What a WebSocket needs beside itself. */
export interface WebSocketStreamOptions {
  readonly socket: Socket;
  readonly clock: Clock;
  /** The peer is pinged this often, and given up when nothing at all came since the last ping, milliseconds. */
  readonly pingMs: number;
}

/** Close code of an orderly end (rfc6455 7.4.1). */
const normalClosure = 1000;
/** What the library reports where the connection broke without a close frame. */
const abnormalClosure = 1006;

/** A WebSocket as a stream of messages: one SIP message per WebSocket message (rfc7118 5). */
export class WebSocketStream implements ByteStream {
  readonly carries = 'messages';
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #pingMs: number;
  #pingTimer: Timer | undefined;
  #heard = true;
  #reading = true;
  #cause: Error | undefined;

  constructor(webSocket: WebSocket, { socket, clock, pingMs }: WebSocketStreamOptions) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#clock = clock;
    this.#pingMs = pingMs;
  }

  open(handler: ByteStreamHandler): void {
    const webSocket = this.#webSocket;
    // Before the library takes the bytes: pieces of a message and control frames count too, and a stranger has only so many.
    this.#socket.prependListener('data', (bytes: Buffer) => {
      this.#heard = true;
      handler.onReceived(bytes.length);
    });
    // Of a server's WebSocket a message is always one Buffer, whatever its kind.
    webSocket.on('message', message => handler.onBytes(message as Buffer));
    webSocket.on('error', cause => {
      this.#cause ??= cause;
      // The library has queued a close frame; a peer that breaks the protocol is not waited for.
      this.#socket.destroySoon();
    });
    webSocket.on('close', code => {
      this.#pingTimer?.cancel();
      if (code === abnormalClosure) this.#cause ??= new Error('it broke off without a close frame');
      handler.onEnd(this.#cause);
    });
    this.#pingTimer = this.#clock.every(this.#pingMs, () => this.#ping());
  }

  write(bytes: Uint8Array): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    // Scripts in browsers get a text frame as a string, but a frame that is no UTF-8 would end the connection (rfc6455 8.1).
    this.#webSocket.send(bytes, { binary: !isUtf8(bytes) });
  }

  get queuedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    // What comes first after a pause may have been waiting all the time.
    this.#heard = true;
    if (reading) this.#webSocket.resume();
    else this.#webSocket.pause();
  }

  close(when: 'after-writes' | 'now'): void {
    if (when === 'now') {
      this.#webSocket.terminate();
      return;
    }
    this.#webSocket.close(normalClosure);
    // A paused socket would never see the peer's close frame.
    this.#webSocket.resume();
  }

  #ping(): void {
    if (!this.#reading) return;
    if (this.#heard) {
      this.#heard = false;
      if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.ping();
    } else {
      this.#cause ??= new Error('no answer to a ping');
      this.#webSocket.terminate();
    }
  }
}
