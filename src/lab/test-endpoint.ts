import { bytesFromLatin1, latin1FromBytes, latin1FromUtf8, utf8FromLatin1 } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { randomToken, shortToken } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';
import { requirePeerName } from '../certificates/names.ts';
import type { PeerPathVerifier } from '../certificates/peer-path.ts';
import { createRequest, createResponse } from '../sip/create-message.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { branchCookie, formatVia } from '../sip/via.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { TransactionUser } from '../transaction/transaction-user.ts';
import { connectTls } from '../wire/connect.ts';
import { type Connection, type ConnectionHandler, userConnectionLimits } from '../wire/connection.ts';
import { answerChallenge } from './digest-credentials.ts';
import { type CallAttempt, type CallState, type RequestDraft, TestCalls } from './test-calls.ts';

/** Who signs in where. */
export interface TestEndpointOptions {
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

/** What became of a request. */
export interface RequestOutcome {
  readonly status: number;
  readonly reason: string;
  /** `ms-diagnostics` as it came, if it came. */
  readonly diagnostics: string | undefined;
  readonly milliseconds: number;
}

/** A message that was delivered here. */
export interface ReceivedMessage {
  /** Address in From. */
  readonly from: string;
  readonly text: string;
}

const connectTimeoutMs = 5_000;
const answerTimeoutMs = 10_000;
const expiresSeconds = 600;

/** A SIP client over TLS: signs in with digest, sends messages, answers 200 to those that arrive, makes and takes calls. */
export class TestEndpoint implements TransactionUser<Connection>, ConnectionHandler {
  readonly #options: TestEndpointOptions;
  readonly #layer: TransactionLayer<Connection>;
  readonly #instance = `<urn:uuid:${uuid()}>`;
  readonly #registrationId = randomToken(8);
  readonly #inbox: ReceivedMessage[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #calls: TestCalls;
  #connection: Connection | undefined;
  #cseq = 0;

  constructor(options: TestEndpointOptions) {
    this.#options = options;
    this.#layer = new TransactionLayer<Connection>({ clock: options.clock, user: this });
    this.#calls = new TestCalls(
      {
        contact: this.#contact,
        request: (draft, onProvisional) => this.#request(draft, onProvisional),
        acknowledge: (draft, cseq) => this.#connection?.send(this.#message(draft, branchCookie + shortToken(), cseq)),
      },
      () => this.#wake(),
    );
  }

  get address(): string {
    return this.#options.address;
  }

  /** True while the server holds the connection open. */
  get connected(): boolean {
    return this.#connection !== undefined && !this.#connection.closing;
  }

  /** Connects if need be and registers. Fails where no connection is made or no answer comes; a refusal is an outcome. */
  async signIn(): Promise<Result<RequestOutcome>> {
    const connected = await this.#connect();
    return connected.ok ? this.#register(expiresSeconds) : connected;
  }

  /** Removes the registration and closes. */
  async signOut(): Promise<void> {
    if (this.connected) await this.#register(0);
    this.close();
  }

  /** Closes the connection, as a client that is switched off. */
  close(): void {
    this.#connection?.close('signed out');
    this.#connection = undefined;
    this.#layer.close();
  }

  /** Sends an instant message. Fails where the connection is gone or no answer comes; a refusal is an outcome. */
  sendMessage(to: string, text: string): Promise<Result<RequestOutcome>> {
    return this.#send({
      method: 'MESSAGE',
      requestUri: `sip:${to}`,
      to: `<sip:${to}>`,
      callId: randomToken(8),
      fromTag: shortToken(),
      contentType: 'text/plain;charset=UTF-8',
      body: bytesFromLatin1(latin1FromUtf8(text)),
    });
  }

  /** Calls somebody; a call that is answered with 2xx is confirmed with ACK. Fails where no final answer comes. */
  call(to: string): Promise<Result<CallAttempt>> {
    return this.#calls.place(to);
  }

  /** Ends a call, whoever made it; the answer to the BYE. */
  hangUp(callId: string): Promise<Result<SipResponse>> {
    return this.#calls.hangUp(callId);
  }

  /** Waits until a call has this state here; false after `timeoutMs`. */
  async waitForCall(callId: string, state: CallState['state'], timeoutMs: number): Promise<boolean> {
    return (await this.#waitFor(() => this.#calls.find(callId)?.state === state || undefined, timeoutMs)) ?? false;
  }

  /** Waits until a message with this text has arrived; undefined after `timeoutMs`. */
  waitForMessage(text: string, timeoutMs: number): Promise<ReceivedMessage | undefined> {
    return this.#waitFor(() => this.#inbox.find(message => message.text === text), timeoutMs);
  }

  /** Waits until the server has closed the connection; false after `timeoutMs`. */
  async waitForClose(timeoutMs: number): Promise<boolean> {
    return (await this.#waitFor(() => (this.connected ? undefined : true), timeoutMs)) ?? false;
  }

  onRequest(transaction: ServerTransaction<Connection>, request: SipRequest): void {
    if (request.method === 'MESSAGE') {
      const from = request.from.uri.replace(/^sips?:/i, '').replace(/[;?].*$/, '');
      this.#inbox.push({ from, text: utf8FromLatin1(latin1FromBytes(request.body)) });
      transaction.respond(createResponse(request, 200));
      this.#wake();
    } else if (request.method === 'INVITE') this.#calls.onInvite(transaction, request);
    else if (request.method === 'BYE') this.#calls.onBye(transaction, request);
    else transaction.respond(createResponse(request, request.method === 'OPTIONS' ? 200 : 405));
  }

  onAck(request: SipRequest): void {
    this.#calls.onAck(request);
  }

  onCancel(cancel: ServerTransaction<Connection>, _invite: ServerTransaction<Connection> | undefined, request: SipRequest): void {
    cancel.respond(createResponse(request, 481));
  }

  onLost(): void {}

  onStrayResponse(): void {}

  onMessage(connection: Connection, message: SipRequest | SipResponse): void {
    this.#layer.receive(message, connection);
  }

  onBad(): void {}

  onClosed(connection: Connection): void {
    this.#layer.connectionClosed(connection);
    if (this.#connection === connection) this.#connection = undefined;
    this.#wake();
  }

  async #connect(): Promise<Result<Connection>> {
    if (this.#connection !== undefined && this.connected) return ok(this.#connection);
    const { host, port, serverName, verifier, clock } = this.#options;
    const connection = await connectTls({
      address: host,
      port,
      serverName,
      clock,
      handler: this,
      mode: 'direct',
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
    if (connection.ok) this.#connection = connection.value;
    return connection;
  }

  #register(expires: number): Promise<Result<RequestOutcome>> {
    const { address } = this;
    return this.#send({
      method: 'REGISTER',
      // rfc3261 10.2: to the domain
      requestUri: `sip:${address.slice(address.indexOf('@') + 1)}`,
      to: `<sip:${address}>`,
      callId: this.#registrationId,
      fromTag: shortToken(),
      headers: [
        ['Contact', `${this.#contact};+sip.instance="${this.#instance}";expires=${expires}`],
        ['Expires', String(expires)],
        ['User-Agent', 'Parley lab'],
      ],
    });
  }

  async #send(draft: RequestDraft): Promise<Result<RequestOutcome>> {
    const beginMs = this.#options.clock.monotonic();
    const answer = await this.#request(draft);
    if (!answer.ok) return answer;
    const { status, reason } = answer.value;
    const milliseconds = Math.round(this.#options.clock.monotonic() - beginMs);
    return ok({ status, reason, diagnostics: answer.value.get('ms-diagnostics'), milliseconds });
  }

  /** Sends a request, and once more with credentials if it is challenged (rfc3261 22.2, 22.3). */
  async #request(draft: RequestDraft, onProvisional?: (status: number) => void): Promise<Result<SipResponse>> {
    const answer = await this.#transact(draft, onProvisional);
    if (!answer.ok || (answer.value.status !== 401 && answer.value.status !== 407)) return answer;
    const credentials = answerChallenge(answer.value, { ...this.#options, ...draft });
    if (credentials === undefined) return answer;
    return this.#transact({ ...draft, headers: [...(draft.headers ?? []), credentials] }, onProvisional);
  }

  #transact(draft: RequestDraft, onProvisional: ((status: number) => void) | undefined): Promise<Result<SipResponse>> {
    const { clock, host, port } = this.#options;
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
      const seconds = answerTimeoutMs / 1000;
      const timer = clock.after(answerTimeoutMs, () => fail(`no answer to ${method} in ${seconds} seconds`));
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
    return createRequest({ ...draft, via, from: `<sip:${this.address}>;tag=${fromTag}`, cseq });
  }

  get #contact(): string {
    return `<sip:${this.address.slice(0, this.address.indexOf('@'))}@lab.invalid;transport=tls>`;
  }

  #waitFor<T>(look: () => T | undefined, timeoutMs: number): Promise<T | undefined> {
    const found = look();
    if (found !== undefined) return Promise.resolve(found);
    return new Promise(resolve => {
      const finish = (value: T | undefined) => {
        timer.cancel();
        this.#watchers.delete(watcher);
        resolve(value);
      };
      const watcher = () => {
        const value = look();
        if (value !== undefined) finish(value);
      };
      const timer = this.#options.clock.after(timeoutMs, () => finish(undefined));
      this.#watchers.add(watcher);
    });
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

function uuid(): string {
  return randomToken(16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
