import type { OutgoingMessage } from '../sip/serialise.ts';
import { statusReason } from '../sip/status-reason.ts';

/** An answer whose status is 503, as 500: what one endpoint or peer cannot do says nothing about this server (rfc3261 16.7 step 6). */
export function asServerError(answer: OutgoingMessage): OutgoingMessage {
  return { head: `SIP/2.0 500 ${statusReason(500)}${answer.head.slice(answer.head.indexOf('\r\n'))}`, body: answer.body };
}
