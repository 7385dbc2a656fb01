import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { BareClient, type BareMessage, type BareServer } from '../torture/bare-client.ts';

/**
 * A UDP port for tools that speak nothing else: what a datagram brings is written to a TLS connection with the server, and each message that
 * comes back on it leaves as a datagram. Each address and port that sends has a connection of its own.
 */
export class DatagramBridge {
  /** What came as datagrams, and what went back. */
  readonly requests: string[] = [];
  readonly answers: string[] = [];
  readonly #socket: Socket;
  readonly #server: BareServer;
  readonly #clients = new Map<string, Promise<BareClient>>();

  private constructor(socket: Socket, server: BareServer) {
    this.#socket = socket;
    this.#server = server;
    socket.on('message', (datagram, { address, port }) => void this.#pass(datagram.toString('latin1'), address, port));
  }

  /** Opens any free UDP port on 127.0.0.1; the connections come from `server.localAddress`. */
  static async open(server: BareServer): Promise<DatagramBridge> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new DatagramBridge(socket, server);
  }

  get port(): number {
    return (this.#socket.address() as AddressInfo).port;
  }

  /** Closes the port and all connections behind it. */
  async close(): Promise<void> {
    for (const client of this.#clients.values()) (await client).close();
    this.#clients.clear();
    this.#socket.close();
  }

  async #pass(text: string, address: string, port: number): Promise<void> {
    const peer = `${address}:${port}`;
    this.requests.push(text);
    let client = this.#clients.get(peer);
    if (client === undefined) {
      client = BareClient.open(this.#server);
      this.#clients.set(peer, client);
      void client.then(opened => this.#passBack(opened, address, port));
    }
    (await client).write(text);
  }

  async #passBack(client: BareClient, address: string, port: number): Promise<void> {
    for (let passed = 0; ; passed++) {
      const message = await client.until(() => client.received[passed]);
      if (message === undefined) return;
      const text = textOf(message);
      this.answers.push(text);
      this.#socket.send(Buffer.from(text, 'latin1'), port, address);
    }
  }
}

function textOf({ startLine, headers, body }: BareMessage): string {
  return `${[startLine, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n${body}`;
}
