import type { Clock } from '../base/clock.ts';
import { detach } from '../base/detach.ts';
import { type Failure, failure } from '../base/failure.ts';
import type { SipRequest } from '../sip/message.ts';

/** As long as a transaction can last that nobody repeats any more (64 × T1, rfc3261 17.1.2.2), milliseconds. */
const rememberedMs = 32_000;
/** Requests of one span that are remembered: where there are more the span ends early, so that what is forgotten is always the oldest. */
const mostRemembered = 10_000;

/**
 * Requests outside dialogs that were answered here, for so long that a copy of one can come over another path: after a fork before us the
 * same request arrives twice, and only one of them is to be carried out (rfc3261 8.2.2.2).
 */
export class MergedRequests {
  readonly #clock: Clock;
  #since: number;
  /** Topmost branch by request: of this span, and of the one before. */
  #now = new Map<string, string>();
  #before: ReadonlyMap<string, string> = new Map();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  /** REQUEST_MERGED for the copy of a request that is remembered; any other without To tag is remembered from now on. */
  check(request: SipRequest): Failure | undefined {
    if (request.toTag !== undefined) return undefined;
    this.#forget();
    const { callId, fromUri, fromTag = '', cseq, topVia } = request;
    // with who sends it: nobody's request is refused for what somebody else has sent under the same names
    const key = `${fromTag} ${cseq.number} ${cseq.method} ${fromUri} ${callId}`;
    const known = this.#now.get(key) ?? this.#before.get(key);
    const branch = topVia.branch ?? '';
    if (known !== undefined && known !== branch) return failure('REQUEST_MERGED', { method: request.method });
    if (known === undefined) this.#now.set(detach(key), detach(branch));
    return undefined;
  }

  #forget(): void {
    const now = this.#clock.now();
    const passed = now - this.#since;
    if (passed < rememberedMs && this.#now.size < mostRemembered) return;
    this.#before = passed < 2 * rememberedMs ? this.#now : new Map();
    this.#now = new Map();
    this.#since = now;
  }
}
