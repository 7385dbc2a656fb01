import { canonicalName } from '../model/names.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import { parseSipUri, type SipUri } from '../sip/uri.ts';
import { equalSipUris } from '../sip/uri-comparison.ts';
import { canonicalUserPart } from '../sip/user-part.ts';

/**
 * Whether a response that came for a request is an answer to it: its From, To but for the tag, Call-ID and CSeq number are the request's
 * (rfc3261 8.2.6.2). One that says something else would show somebody else as who was called, or belong to another dialog.
 */
export function isAnswerTo(request: SipRequest, response: SipResponse): boolean {
  return (
    response.callId === request.callId &&
    response.cseq.number === request.cseq.number &&
    response.fromTag === request.fromTag &&
    (request.toTag === undefined || response.toTag === request.toTag) &&
    isSameParty('From', request, response) &&
    isSameParty('To', request, response)
  );
}

const semicolon = 0x3b;

/** The same address: nearly always written in the same way, a display name may be written in another. */
function isSameParty(header: 'From' | 'To', request: SipRequest, response: SipResponse): boolean {
  const asked = request.get(header) ?? '';
  const answered = response.get(header) ?? '';
  if (answered === asked) return true;
  if (header === 'To' && answered.startsWith(asked) && answered.charCodeAt(asked.length) === semicolon) return true;
  const [askedUri, answeredUri] = header === 'From' ? [request.fromUri, response.fromUri] : [request.toUri, response.toUri];
  if (askedUri === answeredUri) return true;
  const one = parseSipUri(askedUri);
  const other = parseSipUri(answeredUri);
  return one.ok && other.ok && equalSipUris(inOneForm(one.value), inOneForm(other.value));
}

/** A user's address in the one form it has with us: a client may write `Bob` as the `bob` that it signed in as. */
function inOneForm(uri: SipUri): SipUri {
  const host = canonicalName(uri.host);
  return uri.user === undefined ? { ...uri, host } : { ...uri, host, user: canonicalUserPart(uri.user) };
}
