import type { SipResponse } from '../sip/message.ts';
import { linesOf } from '../sip/rewrite.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';

/** Whether a final response asks for credentials. */
export function isChallenge({ status }: SipResponse): boolean {
  return status === 401 || status === 407;
}

/**
 * The answer with the challenges that other branches got as well, as they stand (rfc3261 16.7 step 7), so that who asks is told all that is
 * asked for. Credentials for them do not pass the borders (`requestHeaders`): they may be ours, which no endpoint is to see.
 */
export function withChallenges(answer: OutgoingMessage, others: readonly SipResponse[]): OutgoingMessage {
  let lines = '';
  for (const other of others) lines += linesOf(other, 'WWW-Authenticate') + linesOf(other, 'Proxy-Authenticate');
  return { head: `${answer.head.slice(0, -2)}${lines}\r\n`, body: answer.body };
}
