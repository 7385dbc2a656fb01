import { once } from 'node:events';
import { UA, WebSocketInterface } from 'jssip';
import type { Subscriber } from 'jssip/lib/Subscriber.js';
import type { IncomingMessageEvent } from 'jssip/lib/UA.js';
import { addressOf, type ReceivedMessage, type WebSocketClient, type WebSocketClientOptions } from './websocket-client.ts';

/** A client made with JsSIP. */
export class JssipClient implements WebSocketClient {
  readonly address: string;
  readonly inbox: ReceivedMessage[] = [];
  readonly notified: string[] = [];
  readonly #socket: WebSocketInterface;
  readonly #agent: UA;
  readonly #subscribers: Subscriber[] = [];

  constructor({ address, login, password, wssUrl }: WebSocketClientOptions) {
    this.address = address;
    this.#socket = new WebSocketInterface(wssUrl);
    this.#agent = new UA({
      sockets: [this.#socket],
      uri: `sip:${address}`,
      authorization_user: login,
      password,
    });
    this.#agent.on('newMessage', (event: IncomingMessageEvent) => {
      // Those of one's own are told here too.
      if (event.message.direction !== 'incoming') return;
      this.inbox.push({ from: addressOf(event.request.from.uri.toString()), text: event.request.body });
    });
  }

  register(): Promise<number> {
    return new Promise(resolve => {
      this.#agent.on('registered', ({ response }) => resolve(response.status_code));
      this.#agent.on('registrationFailed', ({ response }) => resolve(response?.status_code ?? 0));
      this.#agent.start();
    });
  }

  sendMessage(to: string, text: string): Promise<number> {
    return new Promise(resolve => {
      const eventHandlers = {
        succeeded: ({ response }: { response: { status_code: number } }) => resolve(response.status_code),
        failed: ({ response }: { response: { status_code: number } | null }) => resolve(response?.status_code ?? 0),
      };
      this.#agent.sendMessage(`sip:${to}`, text, { eventHandlers: eventHandlers as never });
    });
  }

  watch(whom: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const subscriber = this.#agent.subscribe(`sip:${whom}`, 'presence', 'application/pidf+xml', { expires: 600 });
      this.#subscribers.push(subscriber);
      subscriber.on('notify', (_isFinal, _request, body) => {
        this.notified.push(body ?? '');
        resolve();
      });
      subscriber.on('terminated', (code, reason) => reject(new Error(`the subscription to ${whom} ended: ${code} ${reason}`)));
      subscriber.subscribe();
    });
  }

  vanish(): Promise<void> {
    this.#socket.disconnect();
    this.#agent.stop();
    return Promise.resolve();
  }

  /** Takes back subscriptions; the registration goes with the connection, as the library would wait two seconds after taking it back. */
  async stop(): Promise<void> {
    const ends = this.#subscribers.splice(0).map(subscriber => {
      const ended = once(subscriber, 'terminated');
      subscriber.terminate();
      return ended;
    });
    await Promise.all(ends);
    await this.vanish();
  }
}
