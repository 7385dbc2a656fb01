import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';

/** A message that a client was given. */
export interface ReceivedMessage {
  readonly from: string;
  readonly text: string;
}

/** Who a client of a foreign library signs in as, and where. */
export interface WebSocketClientOptions {
  /** `user@domain`. */
  readonly address: string;
  readonly login: string;
  readonly password: string;
  readonly wssUrl: string;
}

/** What the tests do with a client, whatever library it is made with. Statuses are those of the final answers. */
export interface WebSocketClient {
  readonly address: string;
  readonly inbox: readonly ReceivedMessage[];
  /** Bodies of the NOTIFYs that came, oldest first. */
  readonly notified: readonly string[];
  register(): Promise<number>;
  sendMessage(to: string, text: string): Promise<number>;
  /** Subscribes to somebody's presence; resolves when the first NOTIFY has come. */
  watch(whom: string): Promise<void>;
  /** Ends the connection without a word, as a closed browser window. */
  vanish(): Promise<void>;
  /** Ends the client. */
  stop(): Promise<void>;
}

/** Both libraries take the WebSocket of a browser from the global scope; this one trusts the given CA as a browser trusts its own. */
export function provideWebSocket(authorityFile: string): void {
  const ca = readFileSync(authorityFile, 'utf8');
  globalThis.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { ca });
    }
  } as unknown as typeof globalThis.WebSocket;
}

/** The address in a SIP URI. */
export function addressOf(uri: string): string {
  return uri.replace(/^sips?:/i, '').replace(/[;?].*$/, '');
}
