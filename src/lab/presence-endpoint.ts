import { randomToken, shortToken } from '../base/random.ts';
import { ok, type Result } from '../base/result.ts';
import { pidfMediaType, renderPidf } from '../body/pidf.ts';
import { type AvailabilityClass, availability, pidfOfState } from '../services/presence/availability.ts';
import { createResponse } from '../sip/create-message.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Connection } from '../wire/connection.ts';
import { PresenceWatch, type WatchOptions } from './presence-watch.ts';
import { sipUriOf } from './sip-address.ts';
import { type RequestDraft, SipClient, type SipClientHandler, type SipClientOptions } from './sip-client.ts';

/** A PUBLISH, where it is not to be the usual one. */
export interface PublishOptions {
  /** Whose presence; one's own if not given. */
  readonly of?: string;
  readonly expiresSeconds?: number;
  readonly event?: string;
  /** Entity-tag of the publication to be replaced; the last one we were given if not given, none if empty. */
  readonly etag?: string;
  readonly contentType?: string;
  readonly body?: Uint8Array;
}

const registrationSeconds = 600;

/** A SIP client over TLS that publishes its user's presence and watches that of others. */
export class PresenceEndpoint implements SipClientHandler {
  readonly #client: SipClient;
  readonly #watches = new Map<string, PresenceWatch>();
  #etag = '';

  constructor(options: SipClientOptions) {
    this.#client = new SipClient(options, this);
  }

  get address(): string {
    return this.#client.options.address;
  }

  /** Connects and registers. */
  async signIn(): Promise<Result<SipResponse>> {
    const connected = await this.#client.connect();
    return connected.ok ? this.#client.register(registrationSeconds) : connected;
  }

  /** Removes the registration; the connection stays. */
  unregister(): Promise<Result<SipResponse>> {
    return this.#client.register(0);
  }

  /** Removes the registration and closes. */
  async signOut(): Promise<void> {
    await this.unregister();
    this.close();
  }

  /** Closes the connection without a word. */
  close(): void {
    this.#client.close();
  }

  /** Publishes a state, `undefined` to renew what was published before (rfc3903 4.1). */
  async publish(state: AvailabilityClass | undefined, options: PublishOptions = {}): Promise<Result<SipResponse>> {
    const { of = this.address, event = 'presence', expiresSeconds = 600, etag = this.#etag } = options;
    const document = state && renderPidf(pidfOfState(sipUriOf(of), { availability: availability[state] }));
    const body = options.body ?? document;
    const headers: HeaderLine[] = [
      ['Event', event],
      ['Expires', String(expiresSeconds)],
    ];
    if (etag !== '') headers.push(['SIP-If-Match', etag]);
    const answer = await this.#client.request({
      method: 'PUBLISH',
      requestUri: sipUriOf(of),
      to: `<${sipUriOf(of)}>`,
      fromTag: shortToken(),
      callId: randomToken(8),
      headers,
      ...(body === undefined ? {} : { contentType: options.contentType ?? pidfMediaType, body }),
    });
    if (answer.ok && answer.value.status === 200) this.#etag = expiresSeconds === 0 ? '' : (answer.value.get('SIP-ETag') ?? '');
    return answer;
  }

  /** Subscribes; the watch is told from then on, whatever the answer is. */
  async watch(
    presentity: string,
    options: WatchOptions = {},
  ): Promise<Result<{ readonly watch: PresenceWatch; readonly answer: SipResponse }>> {
    const watch = new PresenceWatch(this.#client, presentity, options);
    // its first NOTIFY may overtake the answer (rfc6665 4.1.4)
    this.#watches.set(watch.callId, watch);
    const answer = await watch.subscribe();
    return answer.ok ? ok({ watch, answer: answer.value }) : answer;
  }

  /** Sends any request. */
  request(draft: RequestDraft): Promise<Result<SipResponse>> {
    return this.#client.request(draft);
  }

  onRequest(transaction: ServerTransaction<Connection>, request: SipRequest): void {
    const watch = this.#watches.get(request.callId);
    if (request.method !== 'NOTIFY') transaction.respond(createResponse(request, request.method === 'OPTIONS' ? 200 : 405));
    else if (watch === undefined || request.toTag !== watch.fromTag) transaction.respond(createResponse(request, 481));
    else {
      const { status, headers = [] } = watch.nextAnswers.shift() ?? { status: 200 };
      transaction.respond(createResponse(request, status, { headers }));
      if (status === 200) watch.take(request);
    }
  }
}
