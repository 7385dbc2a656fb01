import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { BareServer } from '../torture/bare-client.ts';

/** What a fuzzed connection can do. */
export interface FuzzConnection {
  readonly closed: boolean;
  write(text: string): void;
  /** Ends our side; true as soon as the server has closed its side, false after `timeoutMs`. */
  finish(timeoutMs: number): Promise<boolean>;
  close(): void;
}

const keptCharacters = 100_000;

/** A connection whose bytes nobody looks at, but for the last ones as text. */
export class RawConnection implements FuzzConnection {
  closed = false;
  /** The last that came, one character per byte. */
  received = '';
  readonly #socket: Socket;
  readonly #gone: Promise<unknown>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.received = (this.received + text).slice(-keptCharacters);
    });
    socket.on('error', () => {});
    this.#gone = new Promise(resolve => socket.once('close', resolve)).then(() => {
      this.closed = true;
    });
  }

  static async openTls({ fqdn, ...server }: BareServer): Promise<RawConnection> {
    const socket = connectTls({ ...server, servername: fqdn });
    await once(socket, 'secureConnect');
    return new RawConnection(socket);
  }

  static async openTcp(host: string, port: number): Promise<RawConnection> {
    const socket = connect({ host, port });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  write(text: string): void {
    if (!this.closed) this.#socket.write(text, 'latin1');
  }

  async finish(timeoutMs: number): Promise<boolean> {
    this.#socket.end();
    await Promise.race([this.#gone, delay(timeoutMs, undefined, { ref: false })]);
    return this.closed;
  }

  close(): void {
    this.#socket.destroy();
  }
}
