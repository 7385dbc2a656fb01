import {
  type Invitation,
  Inviter,
  Messager,
  Publisher,
  Registerer,
  type Session,
  type SessionDescriptionHandler,
  SessionState,
  Subscriber,
  type URI,
  UserAgent,
} from 'sip.js';
import { addressOf, type ReceivedMessage, type WebSocketClient, type WebSocketClientOptions } from './websocket-client.ts';

const offer = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n';

/** Stands in for WebRTC, which Node has not: there is a description, and nothing behind it. */
function describeSession(): SessionDescriptionHandler {
  return {
    close: () => {},
    getDescription: () => Promise.resolve({ body: offer, contentType: 'application/sdp' }),
    hasDescription: contentType => contentType === 'application/sdp',
    setDescription: () => Promise.resolve(),
    sendDtmf: () => false,
  };
}

/** A client made with SIP.js. */
export class SipjsClient implements WebSocketClient {
  readonly address: string;
  readonly inbox: ReceivedMessage[] = [];
  readonly notified: string[] = [];
  /** Calls that came in. */
  readonly invitations: Invitation[] = [];
  readonly #agent: UserAgent;
  readonly #registerer: Registerer;
  readonly #subscribers: Subscriber[] = [];

  constructor({ address, login, password, wssUrl }: WebSocketClientOptions) {
    this.address = address;
    this.#agent = new UserAgent({
      uri: uriOf(address),
      authorizationUsername: login,
      authorizationPassword: password,
      // CRLFs as keep-alive, so often that some are under way in every test.
      transportOptions: { server: wssUrl, keepAliveInterval: 1, traceSip: false },
      sessionDescriptionHandlerFactory: describeSession,
      logBuiltinEnabled: false,
      delegate: {
        onMessage: message => {
          this.inbox.push({ from: addressOf(message.request.from.uri.toString()), text: message.request.body });
          void message.accept();
        },
        onInvite: invitation => this.invitations.push(invitation),
      },
    });
    this.#registerer = new Registerer(this.#agent);
  }

  async register(): Promise<number> {
    await this.#agent.start();
    return finalStatus(requestDelegate => this.#registerer.register({ requestDelegate }));
  }

  sendMessage(to: string, text: string): Promise<number> {
    const messager = new Messager(this.#agent, uriOf(to), text);
    return finalStatus(requestDelegate => messager.message({ requestDelegate }));
  }

  /** Publishes one's own presence. */
  async publish(pidf: string): Promise<void> {
    const options = { body: pidf, contentType: 'application/pidf+xml', expires: 600 };
    await new Publisher(this.#agent, uriOf(this.address), 'presence', options).publish(pidf);
  }

  watch(whom: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const subscriber = new Subscriber(this.#agent, uriOf(whom), 'presence', { expires: 600 });
      this.#subscribers.push(subscriber);
      subscriber.delegate = {
        onNotify: notification => {
          this.notified.push(notification.request.body);
          void notification.accept();
          resolve();
        },
      };
      subscriber.subscribe().catch(reject);
    });
  }

  /** Calls somebody; resolves when the INVITE is sent. */
  async call(whom: string): Promise<Inviter> {
    const inviter = new Inviter(this.#agent, uriOf(whom));
    await inviter.invite();
    return inviter;
  }

  async vanish(): Promise<void> {
    await this.#agent.transport.disconnect();
    await this.#agent.stop();
  }

  /** Takes back registration and subscriptions, then closes. */
  async stop(): Promise<void> {
    // COMPAT SIP.js 0.21.2: the agent would wait for ever for the end of a subscription, though the last NOTIFY has come.
    await Promise.all(this.#subscribers.splice(0).map(subscriber => subscriber.unsubscribe()));
    await this.#agent.stop();
  }
}

/** Resolves when a call has come to this state. */
export function callState(call: Session, state: SessionState): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (now: SessionState) => {
      if (now === state) resolve();
      else if (now === SessionState.Terminated) reject(new Error(`the call ended before it was ${state}`));
    };
    call.stateChange.addListener(look);
    look(call.state);
  });
}

interface Answered {
  readonly message: { readonly statusCode?: number | undefined };
}

function finalStatus(
  send: (delegate: { onAccept(answer: Answered): void; onReject(answer: Answered): void }) => Promise<unknown>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const settle = ({ message }: Answered) => resolve(message.statusCode ?? 0);
    send({ onAccept: settle, onReject: settle }).catch(reject);
  });
}

function uriOf(address: string): URI {
  const uri = UserAgent.makeURI(`sip:${address}`);
  if (uri === undefined) throw new Error(`${address} is no address`);
  return uri;
}
