import { latin1FromBytes } from '../base/bytes.ts';
import { randomToken, shortToken } from '../base/random.ts';
import type { Result } from '../base/result.ts';
import { parsePidf, pidfMediaType } from '../body/pidf.ts';
import { classOfAvailability, stateOfPidf } from '../services/presence/availability.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import { parseNameAddress } from '../sip/name-address.ts';
import { sipUriOf } from './sip-address.ts';
import type { RequestDraft, SipClient } from './sip-client.ts';
import { Waits } from './waits.ts';

/** A NOTIFY as it arrived. */
export interface ReceivedNotify {
  /** Address in From. */
  readonly from: string;
  /** Value of Subscription-State. */
  readonly state: string;
  /** What it says of the user: `online`, `busy`, `offline` …; undefined where it holds no presence document. */
  readonly shown: string | undefined;
  readonly body: string;
  readonly request: SipRequest;
}

/** What a SUBSCRIBE asks for; presence for ten minutes where nothing is said. */
export interface WatchOptions {
  readonly event?: string;
  readonly accept?: string;
  readonly expiresSeconds?: number;
  readonly headers?: readonly HeaderLine[];
  /** Value of To where it is to be another than the address watched. */
  readonly to?: string;
}

/** One subscription of a client: its dialog, and what it was told. */
export class PresenceWatch {
  readonly callId = randomToken(8);
  readonly fromTag = shortToken();
  readonly notifies: ReceivedNotify[] = [];
  /** What the next NOTIFY requests are answered with, one each; 200 when there is nothing left. */
  readonly nextAnswers: { readonly status: number; readonly headers?: readonly HeaderLine[] }[] = [];
  readonly #client: SipClient;
  readonly #presentity: string;
  readonly #options: WatchOptions;
  readonly #waits: Waits;
  #dialog: SipResponse | undefined;

  constructor(client: SipClient, presentity: string, options: WatchOptions) {
    this.#client = client;
    this.#waits = new Waits(client.options.clock);
    this.#presentity = presentity;
    this.#options = options;
  }

  /** The subscription has had its last NOTIFY. */
  get isOver(): boolean {
    return this.notifies.at(-1)?.state.startsWith('terminated') ?? false;
  }

  /** Sends the first SUBSCRIBE, or a later one in its dialog (rfc6665 4.1.2.2). */
  async subscribe(expiresSeconds = this.#options.expiresSeconds ?? 600): Promise<Result<SipResponse>> {
    const answer = await this.#client.request(this.draft(expiresSeconds));
    if (answer.ok && answer.value.status === 200) this.#dialog ??= answer.value;
    return answer;
  }

  /** The next SUBSCRIBE. */
  draft(expiresSeconds: number): RequestDraft {
    const { event = 'presence', accept = pidfMediaType, headers = [], to = `<${sipUriOf(this.#presentity)}>` } = this.#options;
    const dialog = this.#dialog;
    return {
      method: 'SUBSCRIBE',
      requestUri: dialog === undefined ? sipUriOf(this.#presentity) : remoteTarget(dialog),
      to: dialog?.get('To') ?? to,
      fromTag: this.fromTag,
      callId: this.callId,
      route: dialog?.list('Record-Route').toReversed() ?? [],
      headers: [
        ['Contact', this.#client.contact],
        ['Event', event],
        ['Accept', accept],
        ['Expires', String(expiresSeconds)],
        ...headers,
      ],
    };
  }

  /** Takes a NOTIFY that belongs here. */
  take(request: SipRequest): void {
    const from = request.from.uri.replace(/^sips?:/i, '').replace(/[;?].*$/, '');
    const parsed = request.get('Content-Type') === pidfMediaType ? parsePidf(request.body) : undefined;
    const shown = parsed?.ok ? classOfAvailability(stateOfPidf(parsed.value).availability) : undefined;
    const state = request.get('Subscription-State') ?? '';
    this.notifies.push({ from, state, shown, body: latin1FromBytes(request.body), request });
    this.#waits.wake();
  }

  /** Waits for a NOTIFY that fits, from the `start`th on; undefined after `timeoutMs`. */
  waitFor(fits: (notify: ReceivedNotify) => boolean, timeoutMs: number, start = 0): Promise<ReceivedNotify | undefined> {
    return this.#waits.waitFor(() => this.notifies.slice(start).find(fits), timeoutMs);
  }
}

function remoteTarget(dialog: SipResponse): string {
  return parseNameAddress(dialog.list('Contact')[0] ?? '')?.uri ?? '';
}
