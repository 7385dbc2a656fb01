import type { Clock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { randomToken, shortToken } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';
import { requirePeerName } from '../certificates/names.ts';
import type { PeerPathVerifier } from '../certificates/peer-path.ts';
import { createRequest, createResponse } from '../sip/create-message.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipMessage, SipRequest, SipResponse } from '../sip/message.ts';
import type { Method } from '../sip/methods.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { branchCookie, formatVia } from '../sip/via.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { TransactionUser } from '../transaction/transaction-user.ts';
import { connectTls } from '../wire/connect.ts';
import { type Connection, type ConnectionHandler, userConnectionLimits } from '../wire/connection.ts';
import { answerChallenge } from './digest-credentials.ts';
import { sipUriOf } from './sip-address.ts';

/** Who signs in where. */
export interface SipClientOptions {
  /** `user@domain`. */
  readonly address: string;
  readonly login: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
  /** The name the server's certificate has to bear. */
  readonly serverName: string;
  readonly verifier: PeerPathVerifier;
  readonly clock: Clock;
}

/** A request as a client means it: Via, From's address, CSeq and credentials are put to it when it is sent. */
export interface RequestDraft {
  readonly method: Method;
  readonly requestUri: string;
  /** Value of To, with its tag inside a dialog. */
  readonly to: string;
  readonly fromTag: string;
  readonly callId: string;
  readonly route?: readonly string[];
  readonly headers?: readonly HeaderLine[];
  readonly contentType?: string;
  readonly body?: Uint8Array;
}

/** What a client is told. */
export interface SipClientHandler {
  onRequest(transaction: ServerTransaction<Connection>, request: SipRequest): void;
  /** An ACK for a 2xx of ours. */
  onAck?(request: SipRequest): void;
  onClosed?(): void;
}

const connectTimeoutMs = 5_000;
const answerTimeoutMs = 10_000;

/** A user's TLS connection to the Front End: requests go out, with credentials where they are asked for, and requests come in. */
export class SipClient implements TransactionUser<Connection>, ConnectionHandler {
  readonly options: SipClientOptions;
  readonly #handler: SipClientHandler;
  readonly #layer: TransactionLayer<Connection>;
  readonly #instance = `<urn:uuid:${randomToken(16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}>`;
  readonly #registrationId = randomToken(8);
  #connection: Connection | undefined;
  #cseq = 0;

  constructor(options: SipClientOptions, handler: SipClientHandler) {
    this.options = options;
    this.#handler = handler;
    this.#layer = new TransactionLayer<Connection>({ clock: options.clock, user: this });
  }

  /** Value of our Contact. */
  get contact(): string {
    const { address } = this.options;
    const uri = sipUriOf(address);
    return `<${uri.slice(0, uri.indexOf('@'))}@lab.invalid;transport=tls>`;
  }

  /** True while the server holds the connection open. */
  get connected(): boolean {
    return this.#connection !== undefined && !this.#connection.closing;
  }

  /** Connects if need be. */
  async connect(): Promise<Result<void>> {
    if (this.connected) return ok(undefined);
    const { host, port, serverName, verifier, clock } = this.options;
    const connected = await connectTls({
      address: host,
      port,
      serverName,
      clock,
      handler: this,
      connectionLimits: userConnectionLimits,
      timeoutMs: connectTimeoutMs,
      verifier: {
        verify(chain) {
          const peer = verifier.verify(chain);
          if (!peer.ok) return peer;
          const named = requirePeerName(peer.value.names, [serverName]);
          return named.ok ? peer : named;
        },
      },
    });
    if (!connected.ok) return connected;
    this.#connection = connected.value;
    return ok(undefined);
  }

  /** Registers for that many seconds; 0 removes the registration. */
  register(expiresSeconds: number): Promise<Result<SipResponse>> {
    const { address } = this.options;
    return this.request({
      method: 'REGISTER',
      requestUri: `sip:${address.slice(address.lastIndexOf('@') + 1)}`,
      to: `<${sipUriOf(address)}>`,
      fromTag: shortToken(),
      callId: this.#registrationId,
      headers: [
        ['Contact', `${this.contact};+sip.instance="${this.#instance}";expires=${expiresSeconds}`],
        ['User-Agent', 'Parley lab'],
      ],
    });
  }

  /** Sends a request, and once more with credentials if it is challenged (rfc3261 22.2, 22.3). Fails where no final answer comes. */
  async request(draft: RequestDraft, onProvisional?: (status: number) => void): Promise<Result<SipResponse>> {
    const answer = await this.#transact(draft, onProvisional);
    if (!answer.ok || (answer.value.status !== 401 && answer.value.status !== 407)) return answer;
    const credentials = answerChallenge(answer.value, { ...this.options, ...draft });
    if (credentials === undefined) return answer;
    return this.#transact({ ...draft, headers: [...(draft.headers ?? []), credentials] }, onProvisional);
  }

  /** Sends the ACK for a 2xx, which has no answer. */
  acknowledge(draft: RequestDraft, cseq: number): void {
    this.#connection?.send(this.#message(draft, branchCookie + shortToken(), cseq));
  }

  /** Closes the connection, as a client that is switched off. */
  close(): void {
    this.#connection?.close('signed out');
    this.#connection = undefined;
    this.#layer.close();
  }

  onRequest(transaction: ServerTransaction<Connection>, request: SipRequest): void {
    this.#handler.onRequest(transaction, request);
  }

  onAck(request: SipRequest): void {
    this.#handler.onAck?.(request);
  }

  onCancel(cancel: ServerTransaction<Connection>, _invite: ServerTransaction<Connection> | undefined, request: SipRequest): void {
    cancel.respond(createResponse(request, 481));
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
    this.#handler.onClosed?.();
  }

  #transact(draft: RequestDraft, onProvisional: ((status: number) => void) | undefined): Promise<Result<SipResponse>> {
    const { clock, host, port } = this.options;
    const { method } = draft;
    const target = `${host}:${port}`;
    const connection = this.#connection;
    if (connection === undefined) return Promise.resolve(err(failure('PEER_UNREACHABLE', { target, reason: 'signed out' })));
    const branch = branchCookie + shortToken();
    const message = this.#message(draft, branch, ++this.#cseq);
    return new Promise(resolve => {
      const settle = (outcome: Result<SipResponse>) => {
        timer.cancel();
        resolve(outcome);
      };
      const fail = (reason: string) => settle(err(failure('PEER_UNREACHABLE', { target, reason })));
      const timer = clock.after(answerTimeoutMs, () => fail(`no answer to ${method} in ${answerTimeoutMs / 1000} seconds`));
      this.#layer.send({ method, branch, message }, connection, {
        onResponse: response => {
          if (response.status >= 200) settle(ok(response));
          else if (response.status > 100) onProvisional?.(response.status);
        },
        onTimeout: () => fail(`no answer to ${method}`),
        onTransportError: () => fail('the connection is closed'),
      });
    });
  }

  #message({ fromTag, ...draft }: RequestDraft, branch: string, cseq: number): OutgoingMessage {
    const via = formatVia({ transport: 'TLS', host: 'lab.invalid', branch, rport: true });
    return createRequest({ ...draft, via, from: `<${sipUriOf(this.options.address)}>;tag=${fromTag}`, cseq });
  }
}
