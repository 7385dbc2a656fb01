import type { Clock } from '../base/clock.ts';
import { randomToken, shortToken } from '../base/random.ts';
import { answerChallenge } from '../lab/digest-credentials.ts';
import { sipUriOf } from '../lab/sip-address.ts';
import { createRequest, createResponse } from '../sip/create-message.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipMessage, SipRequest, SipResponse } from '../sip/message.ts';
import type { Method } from '../sip/methods.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { branchCookie, formatVia } from '../sip/via.ts';
import type { ClientTransaction } from '../transaction/client-transaction.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import { standardTimers } from '../transaction/transaction-timers.ts';
import type { TransactionUser } from '../transaction/transaction-user.ts';
import type { Connection, ConnectionHandler } from '../wire/connection.ts';
import {
  callContent,
  contentOf,
  dialogOfRequest,
  dialogOfResponse,
  type PlayContent,
  type PlayDialog,
  usualHeaders,
} from './play-dialog.ts';

/** Whose endpoint it is. */
export interface PlayEndpointOptions {
  /** `user@domain`; the user part is the login. */
  readonly address: string;
  readonly password: string;
  readonly clock: Clock;
}

/** A request as a play means it. */
export interface PlayRequest {
  readonly method: Method;
  /** Absent: in the last dialog, or to oneself where the method is REGISTER or PUBLISH. */
  readonly to?: string | undefined;
  readonly text?: string | undefined;
  /** Replace the usual ones of the same name. */
  readonly headers?: readonly HeaderLine[];
}

interface Draft extends PlayContent {
  readonly method: Method;
  readonly requestUri: string;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly route: readonly string[];
  readonly headers: readonly HeaderLine[];
}

/** An endpoint is more patient than any server: plays show when servers give up. */
const patientMs = 3_600_000;
const patientTimers = {
  ...standardTimers,
  timeoutMs: patientMs,
  cMs: patientMs,
  abandonedMs: patientMs,
  abandonedInviteMs: patientMs,
  // what a play does not answer is not even answered 100
  tryingMs: patientMs,
};

/**
 * A user's client in a play. It brings credentials where it is asked for them, answers NOTIFY and CANCEL, and does nothing else by itself:
 * what comes in is kept in order until the play asks for it.
 */
export class PlayEndpoint implements TransactionUser<Connection>, ConnectionHandler {
  readonly address: string;
  /** Requests received that the play has not asked for yet. */
  readonly requests: SipRequest[] = [];
  /** Answers above 100 that the play has not asked for yet. */
  readonly answers: SipResponse[] = [];
  password: string;
  readonly #layer: TransactionLayer<Connection>;
  readonly #instance = `<urn:uuid:${randomToken(16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}>`;
  readonly #registrationId = randomToken(8);
  readonly #open: { readonly transaction: ServerTransaction<Connection>; readonly toTag: string }[] = [];
  /** Tags of our subscriptions by Call-ID. */
  readonly #subscriptions = new Map<string, string>();
  #connection: Connection | undefined;
  #dialog: PlayDialog | undefined;
  #invite: ClientTransaction<Connection> | undefined;
  /** CSeq of the INVITE that an ACK would be for. */
  #inviteCSeq = 0;
  #etag: string | undefined;
  #cseq = 0;

  constructor({ address, password, clock }: PlayEndpointOptions) {
    this.address = address;
    this.password = password;
    this.#layer = new TransactionLayer<Connection>({ clock, user: this, timers: patientTimers });
  }

  /** True while the server holds the connection open. */
  get connected(): boolean {
    return this.#connection !== undefined && !this.#connection.closing;
  }

  /** True while something received waits for `answer`. */
  get owesAnswer(): boolean {
    return this.#open.some(({ transaction }) => !transaction.ended);
  }

  /** Goes on over this connection. */
  use(connection: Connection): void {
    this.#connection = connection;
  }

  /** Closes the connection without a word. */
  disconnect(): void {
    this.#connection?.close('the play says so');
    this.#connection = undefined;
  }

  /** The end of the play. */
  close(): void {
    this.disconnect();
    this.#layer.close();
  }

  /** Registers for that many seconds; 0 removes the registration. */
  register(seconds: number): void {
    const contact = `${this.#contact};+sip.instance="${this.#instance}";expires=${seconds}`;
    this.send({ method: 'REGISTER', headers: [['Contact', contact]] });
  }

  /** Sends a request; its answers come into `answers`. */
  send(request: PlayRequest): void {
    if (request.method === 'CANCEL') {
      if (this.#invite === undefined) throw new Error('there is no INVITE to cancel');
      this.#invite.cancel();
      return;
    }
    const draft = this.#draft(request);
    if (request.method === 'ACK') {
      this.#required().send(this.#message(draft, branchCookie + shortToken(), this.#inviteCSeq));
      return;
    }
    this.#transact(draft, undefined);
  }

  /** Answers what was received last and has no final answer. */
  answer(status: number, headers: readonly HeaderLine[]): void {
    const open = this.#open.findLast(({ transaction }) => !transaction.ended);
    if (open === undefined) throw new Error('there is nothing to answer');
    const { request } = open.transaction;
    const isInvite = request.method === 'INVITE' && status > 100 && status < 300;
    const contact: readonly HeaderLine[] = isInvite ? [['Contact', this.#contact]] : [];
    const content = isInvite && status >= 200 ? callContent : {};
    const fields = { toTag: open.toTag, headers: [...contact, ...headers], ...content };
    open.transaction.respond(createResponse(request, status, fields));
  }

  onRequest(transaction: ServerTransaction<Connection>, request: SipRequest): void {
    if (request.method === 'NOTIFY') {
      const isOurs = request.toTag !== undefined && this.#subscriptions.get(request.callId) === request.toTag;
      transaction.respond(createResponse(request, isOurs ? 200 : 481));
    } else {
      const toTag = request.toTag ?? shortToken();
      if (request.method === 'INVITE') this.#join(dialogOfRequest(request, toTag));
      this.#open.push({ transaction, toTag });
    }
    this.requests.push(request);
  }

  onAck(request: SipRequest): void {
    this.requests.push(request);
  }

  onCancel(cancel: ServerTransaction<Connection>, invite: ServerTransaction<Connection> | undefined, request: SipRequest): void {
    cancel.respond(createResponse(request, invite ? 200 : 481));
    this.requests.push(request);
  }

  onLost(): void {}

  onStrayResponse(): void {}

  onMessage(connection: Connection, message: SipMessage): void {
    this.#layer.receive(message, connection);
  }

  onBad(): void {}

  onClosed(connection: Connection): void {
    this.#layer.connectionClosed(connection);
    if (this.#connection === connection) this.#connection = undefined;
  }

  #required(): Connection {
    if (this.#connection === undefined) throw new Error(`the connection of ${this.address} is closed`);
    return this.#connection;
  }

  #draft({ method, to, text, headers = [] }: PlayRequest): Draft {
    const replaced = new Set(headers.map(([name]) => name.toLowerCase()));
    const usual = usualHeaders(method, this.#contact).filter(([name]) => !replaced.has(name.toLowerCase()));
    const said = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
    const from = said('from');
    const given = headers.filter(([name]) => !/^(?:from|to)$/i.test(name));
    const etag: readonly HeaderLine[] = method === 'PUBLISH' && this.#etag !== undefined ? [['SIP-If-Match', this.#etag]] : [];
    const rest = { method, headers: [...usual, ...etag, ...given], ...contentOf(method, this.address, text) };
    const toSelf = method === 'REGISTER' || method === 'PUBLISH';
    const target = to ?? (toSelf ? this.address : undefined);
    if (target === undefined) return { ...rest, ...this.#inDialog(from) };
    const callId = method === 'REGISTER' ? this.#registrationId : randomToken(8);
    const fromTag = shortToken();
    if (method === 'SUBSCRIBE') this.#subscriptions.set(callId, fromTag);
    const uri = sipUriOf(target);
    const requestUri = method === 'REGISTER' ? `sip:${target.slice(target.lastIndexOf('@') + 1)}` : uri;
    const own = { from: `${from ?? `<${sipUriOf(this.address)}>`};tag=${fromTag}`, to: said('to') ?? `<${uri}>` };
    return { ...rest, ...own, requestUri, callId, route: [] };
  }

  #inDialog(from: string | undefined) {
    if (this.#dialog === undefined) throw new Error('there is no dialog: say to whom');
    const { callId, localTag, local, remote, remoteTarget, routeSet } = this.#dialog;
    return { requestUri: remoteTarget, from: `${from ?? local};tag=${localTag}`, to: remote, callId, route: routeSet };
  }

  /** Sends a request, and once more with credentials if it is challenged. */
  #transact(draft: Draft, credentials: HeaderLine | undefined): void {
    const { method, requestUri } = draft;
    const branch = branchCookie + shortToken();
    const cseq = ++this.#cseq;
    const headers = credentials === undefined ? draft.headers : [...draft.headers, credentials];
    const sent = this.#layer.send(
      { method, branch, message: this.#message({ ...draft, headers }, branch, cseq) },
      this.#required(),
      {
        onResponse: response => {
          const login = this.address.slice(0, this.address.lastIndexOf('@'));
          const answer = mayAnswer(response, credentials)
            ? answerChallenge(response, { login, password: this.password, method, requestUri })
            : undefined;
          if (answer !== undefined) this.#transact(draft, answer);
          else this.#take(response, cseq);
        },
        onTimeout() {},
        onTransportError() {},
      },
    );
    if (method === 'INVITE') this.#invite = sent;
  }

  #take(response: SipResponse, cseq: number): void {
    const { status } = response;
    const { method } = response.cseq;
    if (status <= 100) return;
    if (status < 300 && (method === 'INVITE' || method === 'SUBSCRIBE')) this.#join(dialogOfResponse(response));
    if (method === 'INVITE') this.#inviteCSeq = cseq;
    if (method === 'PUBLISH' && status === 200) this.#etag = response.get('SIP-ETag');
    this.answers.push(response);
  }

  /** Within a dialog only the remote target can change, never the route set. */
  #join(dialog: PlayDialog): void {
    const known = this.#dialog;
    const isSame = known?.callId === dialog.callId && known.localTag === dialog.localTag && known.remote === dialog.remote;
    this.#dialog = isSame ? { ...known, remoteTarget: dialog.remoteTarget || known.remoteTarget } : dialog;
  }

  #message(draft: Draft, branch: string, cseq: number): OutgoingMessage {
    return createRequest({ ...draft, via: formatVia({ transport: 'TLS', host: 'play.invalid', branch, rport: true }), cseq });
  }

  get #contact(): string {
    // two endpoints of a user are at two places
    const uri = sipUriOf(this.address);
    return `<${uri.slice(0, uri.indexOf('@'))}@${this.#registrationId}.play.invalid;transport=tls>`;
  }
}

/** A challenge is answered where no credentials were given yet, or where they were good but for the age of the nonce. */
function mayAnswer(response: SipResponse, given: HeaderLine | undefined): boolean {
  const isStale = [...response.all('WWW-Authenticate'), ...response.all('Proxy-Authenticate')].some(value =>
    value.includes('stale=true'),
  );
  return given === undefined || isStale;
}
