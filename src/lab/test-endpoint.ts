import { bytesFromLatin1, latin1FromBytes, latin1FromUtf8, utf8FromLatin1 } from '../base/bytes.ts';
import { randomToken, shortToken } from '../base/random.ts';
import { ok, type Result } from '../base/result.ts';
import { createResponse } from '../sip/create-message.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Connection } from '../wire/connection.ts';
import { addressOfUri, sipUriOf } from './sip-address.ts';
import { SipClient, type SipClientHandler, type SipClientOptions } from './sip-client.ts';
import { type CallAttempt, type CallState, TestCalls } from './test-calls.ts';
import { Waits } from './waits.ts';

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

const expiresSeconds = 600;

/** A SIP client over TLS: signs in with digest, sends messages, answers 200 to those that arrive, makes and takes calls. */
export class TestEndpoint implements SipClientHandler {
  readonly #client: SipClient;
  readonly #inbox: ReceivedMessage[] = [];
  readonly #waits: Waits;
  readonly #calls: TestCalls;

  constructor(options: SipClientOptions) {
    this.#client = new SipClient(options, this);
    this.#waits = new Waits(options.clock);
    this.#calls = new TestCalls(this.#client, () => this.#waits.wake());
  }

  get address(): string {
    return this.#client.options.address;
  }

  /** True while the server holds the connection open. */
  get connected(): boolean {
    return this.#client.connected;
  }

  /** Connects if need be and registers. Fails where no connection is made or no answer comes; a refusal is an outcome. */
  async signIn(): Promise<Result<RequestOutcome>> {
    const connected = await this.#client.connect();
    return connected.ok ? this.#timed(() => this.#client.register(expiresSeconds)) : connected;
  }

  /** Removes the registration and closes. */
  async signOut(): Promise<void> {
    if (this.connected) await this.#client.register(0);
    this.close();
  }

  /** Closes the connection, as a client that is switched off. */
  close(): void {
    this.#client.close();
  }

  /** Sends an instant message. Fails where the connection is gone or no answer comes; a refusal is an outcome. */
  sendMessage(to: string, text: string, callId = randomToken(8)): Promise<Result<RequestOutcome>> {
    return this.#timed(() =>
      this.#client.request({
        method: 'MESSAGE',
        requestUri: sipUriOf(to),
        to: `<${sipUriOf(to)}>`,
        callId,
        fromTag: shortToken(),
        contentType: 'text/plain;charset=UTF-8',
        body: bytesFromLatin1(latin1FromUtf8(text)),
      }),
    );
  }

  /** Calls somebody; a call that is answered with 2xx is confirmed with ACK. Fails where no final answer comes. */
  call(to: string): Promise<Result<CallAttempt>> {
    return this.#calls.place(to);
  }

  /** Ends a call, whoever made it; the answer to the BYE. */
  hangUp(callId: string): Promise<Result<SipResponse>> {
    return this.#calls.hangUp(callId);
  }

  /** Whether a call with this Call-ID was made or has come. */
  hasCall(callId: string): boolean {
    return this.#calls.find(callId) !== undefined;
  }

  /** Waits until a call has this state here; false after `timeoutMs`. */
  async waitForCall(callId: string, state: CallState['state'], timeoutMs: number): Promise<boolean> {
    return (await this.#waits.waitFor(() => this.#calls.find(callId)?.state === state || undefined, timeoutMs)) ?? false;
  }

  /** Waits until a message with this text has arrived; undefined after `timeoutMs`. */
  waitForMessage(text: string, timeoutMs: number): Promise<ReceivedMessage | undefined> {
    return this.#waits.waitFor(() => this.#inbox.find(message => message.text === text), timeoutMs);
  }

  /** Waits until the server has closed the connection; false after `timeoutMs`. */
  async waitForClose(timeoutMs: number): Promise<boolean> {
    return (await this.#waits.waitFor(() => (this.connected ? undefined : true), timeoutMs)) ?? false;
  }

  onRequest(transaction: ServerTransaction<Connection>, request: SipRequest): void {
    if (request.method === 'MESSAGE') {
      const from = addressOfUri(request.from.uri);
      this.#inbox.push({ from, text: utf8FromLatin1(latin1FromBytes(request.body)) });
      transaction.respond(createResponse(request, 200));
      this.#waits.wake();
    } else if (request.method === 'INVITE') this.#calls.onInvite(transaction, request);
    else if (request.method === 'BYE') this.#calls.onBye(transaction, request);
    else transaction.respond(createResponse(request, request.method === 'OPTIONS' ? 200 : 405));
  }

  onAck(request: SipRequest): void {
    this.#calls.onAck(request);
  }

  onClosed(): void {
    this.#waits.wake();
  }

  async #timed(send: () => Promise<Result<SipResponse>>): Promise<Result<RequestOutcome>> {
    const { clock } = this.#client.options;
    const beginMs = clock.monotonic();
    const answer = await send();
    if (!answer.ok) return answer;
    const { status, reason } = answer.value;
    const milliseconds = Math.round(clock.monotonic() - beginMs);
    return ok({ status, reason, diagnostics: answer.value.get('ms-diagnostics'), milliseconds });
  }
}
