import { bytesFromLatin1 } from '../base/bytes.ts';
import { randomToken, shortToken } from '../base/random.ts';
import { ok, type Result } from '../base/result.ts';
import { createResponse } from '../sip/create-message.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipMessage, SipRequest, SipResponse } from '../sip/message.ts';
import type { Method } from '../sip/methods.ts';
import { parseNameAddress } from '../sip/name-address.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Connection } from '../wire/connection.ts';
import { sipUriOf } from './sip-address.ts';
import type { RequestDraft } from './sip-client.ts';

/** How calls send. */
export interface CallPort {
  /** Value of the endpoint's Contact. */
  readonly contact: string;
  /** Sends a request; gives its final response. Fails where none comes. */
  request(draft: RequestDraft, onProvisional?: (status: number) => void): Promise<Result<SipResponse>>;
  /** Sends the ACK for a 2xx, which has no answer. */
  acknowledge(draft: RequestDraft, cseq: number): void;
}

/** One end of a dialog (rfc3261 12.1). */
interface DialogSide {
  readonly localTag: string;
  /** From or To of the other end, with its tag. */
  readonly remote: string;
  readonly remoteTarget: string;
  readonly routeSet: readonly string[];
}

/** A call as one of its ends sees it. `confirmed`: the ACK has come, or was sent. */
export interface CallState {
  readonly callId: string;
  readonly state: 'answered' | 'confirmed' | 'ended';
}

/** What became of an INVITE. */
export interface CallAttempt {
  readonly callId: string;
  /** Statuses above 100 in the order they came, the final one last. */
  readonly statuses: readonly number[];
  readonly final: SipResponse;
}

/** An offer and an answer alike: one audio stream that nobody listens to. */
const audio = bytesFromLatin1(
  ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 9 RTP/AVP 0', ''].join('\r\n'),
);
const audioType = 'application/sdp';

/** The calls of an endpoint: it makes and ends them, and takes every one that comes. */
export class TestCalls {
  readonly #port: CallPort;
  readonly #changed: () => void;
  readonly #calls = new Map<string, CallState & { readonly side: DialogSide }>();

  /** `changed` is called when a call has another state. */
  constructor(port: CallPort, changed: () => void) {
    this.#port = port;
    this.#changed = changed;
  }

  /** A call by its Call-ID, from its answer on. */
  find(callId: string): CallState | undefined {
    return this.#calls.get(callId);
  }

  /** Calls somebody and, where that is answered with 2xx, sends the ACK. A refusal is an outcome. */
  async place(to: string): Promise<Result<CallAttempt>> {
    const callId = randomToken(8);
    const fromTag = shortToken();
    const statuses: number[] = [];
    const invite: RequestDraft = {
      method: 'INVITE',
      requestUri: sipUriOf(to),
      to: `<${sipUriOf(to)}>`,
      callId,
      fromTag,
      headers: [['Contact', this.#port.contact]],
      contentType: audioType,
      body: audio,
    };
    const answer = await this.#port.request(invite, status => statuses.push(status));
    if (!answer.ok) return answer;
    const final = answer.value;
    statuses.push(final.status);
    if (final.status < 300) {
      const side = sideOf(final, fromTag, final.get('To') ?? '', final.list('Record-Route').toReversed());
      this.#port.acknowledge(inDialog('ACK', callId, side), final.cseq.number);
      this.#set(callId, 'confirmed', side);
    }
    return ok({ callId, statuses, final });
  }

  /** Ends a call from this end; the answer to the BYE. */
  async hangUp(callId: string): Promise<Result<SipResponse>> {
    const call = this.#calls.get(callId);
    if (!call) throw new Error(`there is no call ${callId}`);
    const answer = await this.#port.request(inDialog('BYE', callId, call.side));
    if (answer.ok && answer.value.status === 200) this.#set(callId, 'ended', call.side);
    return answer;
  }

  /** Rings, and answers at once. */
  onInvite(transaction: ServerTransaction<Connection>, request: SipRequest): void {
    const toTag = shortToken();
    const headers: readonly HeaderLine[] = [['Contact', this.#port.contact]];
    this.#set(request.callId, 'answered', sideOf(request, toTag, request.get('From') ?? '', request.list('Record-Route')));
    transaction.respond(createResponse(request, 180, { toTag, headers }));
    transaction.respond(createResponse(request, 200, { toTag, headers, contentType: audioType, body: audio }));
  }

  /** The ACK for our 2xx has come. */
  onAck(request: SipRequest): void {
    const call = this.#calls.get(request.callId);
    if (call && request.toTag === call.side.localTag) this.#set(request.callId, 'confirmed', call.side);
  }

  /** The other end hangs up. */
  onBye(transaction: ServerTransaction<Connection>, request: SipRequest): void {
    const call = this.#calls.get(request.callId);
    const isOurs = call !== undefined && request.toTag === call.side.localTag;
    transaction.respond(createResponse(request, isOurs ? 200 : 481));
    if (isOurs) this.#set(request.callId, 'ended', call.side);
  }

  #set(callId: string, state: CallState['state'], side: DialogSide): void {
    this.#calls.set(callId, { callId, state, side });
    this.#changed();
  }
}

function sideOf(message: SipMessage, localTag: string, remote: string, routeSet: readonly string[]): DialogSide {
  const remoteTarget = parseNameAddress(message.get('Contact') ?? '')?.uri ?? '';
  return { localTag, remote, remoteTarget, routeSet };
}

function inDialog(method: Method, callId: string, { localTag, remote, remoteTarget, routeSet }: DialogSide): RequestDraft {
  return { method, requestUri: remoteTarget, to: remote, callId, fromTag: localTag, route: routeSet };
}
