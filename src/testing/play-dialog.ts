import { bytesFromLatin1, latin1FromUtf8 } from '../base/bytes.ts';
import { pidfMediaType, renderPidf } from '../body/pidf.ts';
import { sipUriOf } from '../lab/sip-address.ts';
import { type AvailabilityClass, availability, pidfOfState } from '../services/presence/availability.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipMessage, SipRequest, SipResponse } from '../sip/message.ts';
import type { Method } from '../sip/methods.ts';
import { parseNameAddress } from '../sip/name-address.ts';

/** A dialog as one of its ends needs it to send a request in it. */
export interface PlayDialog {
  readonly callId: string;
  readonly localTag: string;
  /** Our own From or To, without its tag: of a call that was forwarded to us the address that was called (rfc3261 12.1.1). */
  readonly local: string;
  /** From or To of the other end, with its tag. */
  readonly remote: string;
  readonly remoteTarget: string;
  readonly routeSet: readonly string[];
}

/** Content of a request or response. */
export interface PlayContent {
  readonly contentType?: string;
  readonly body?: Uint8Array;
}

/** An offer and an answer alike: one audio stream that nobody listens to. */
const audio = bytesFromLatin1(
  ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 9 RTP/AVP 0', ''].join('\r\n'),
);

/** Content of every INVITE and its 2xx. */
export const callContent: PlayContent = { contentType: 'application/sdp', body: audio };

/** The caller's or subscriber's end, from the answer. */
export function dialogOfResponse(response: SipResponse): PlayDialog {
  const routeSet = response.list('Record-Route').toReversed();
  const local = { uri: response.from.uri, tag: response.fromTag ?? '' };
  return dialogOf(response, local, response.get('To') ?? '', routeSet);
}

/** The callee's end, from the INVITE. */
export function dialogOfRequest(request: SipRequest, localTag: string): PlayDialog {
  return dialogOf(request, { uri: request.to.uri, tag: localTag }, request.get('From') ?? '', request.list('Record-Route'));
}

interface LocalEnd {
  readonly uri: string;
  readonly tag: string;
}

function dialogOf(message: SipMessage, { uri, tag }: LocalEnd, remote: string, routeSet: readonly string[]): PlayDialog {
  const remoteTarget = parseNameAddress(message.list('Contact')[0] ?? '')?.uri ?? '';
  return { callId: message.callId, localTag: tag, local: `<${uri}>`, remote, remoteTarget, routeSet };
}

/** What a request holds by itself: the text of a MESSAGE, an offer, the availability that is published. */
export function contentOf(method: Method, address: string, text: string | undefined): PlayContent {
  if (method === 'INVITE') return callContent;
  if (text === undefined) return {};
  if (method === 'PUBLISH') {
    if (!(text in availability)) throw new Error(`"${text}" is none of ${Object.keys(availability).join(', ')}`);
    const state = { availability: availability[text as AvailabilityClass] };
    return { contentType: pidfMediaType, body: renderPidf(pidfOfState(sipUriOf(address), state)) };
  }
  return { contentType: 'text/plain;charset=UTF-8', body: bytesFromLatin1(latin1FromUtf8(text)) };
}

/** Headers a request of that method needs; the play's own replace them. */
export function usualHeaders(method: Method, contact: string): readonly HeaderLine[] {
  switch (method) {
    case 'INVITE':
      return [['Contact', contact]];
    case 'SUBSCRIBE':
      return [
        ['Contact', contact],
        ['Event', 'presence'],
        ['Accept', pidfMediaType],
        ['Expires', '600'],
      ];
    case 'PUBLISH':
      return [
        ['Event', 'presence'],
        ['Expires', '600'],
      ];
    default:
      return [];
  }
}
