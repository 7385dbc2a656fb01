import { noBytes } from '../base/bytes.ts';
import { splitCommaList } from '../sip/comma-list.ts';
import { type HeaderLine, renderLines } from '../sip/header-line.ts';
import type { OutgoingRequest } from './transaction-user.ts';

/**
 * The ACK for a 3xx–6xx response (rfc3261 17.1.1.3): same Request-URI, Via, From, Call-ID, CSeq number and Route as the
 * INVITE, To as in the response.
 */
export function makeAck(invite: OutgoingRequest, to: string): OutgoingRequest {
  return followUp(invite, 'ACK', to, []);
}

/** The CANCEL for an INVITE (rfc3261 9.1), with further headers such as Reason (rfc3326). */
export function makeCancel(invite: OutgoingRequest, extra: readonly HeaderLine[] = []): OutgoingRequest {
  return followUp(invite, 'CANCEL', undefined, extra);
}

function followUp(
  invite: OutgoingRequest,
  method: 'ACK' | 'CANCEL',
  to: string | undefined,
  extra: readonly HeaderLine[],
): OutgoingRequest {
  const [startLine = '', ...lines] = invite.message.head.split('\r\n');
  const requestUri = startLine.slice('INVITE '.length, startLine.lastIndexOf(' '));
  const headers: HeaderLine[] = [
    ['Via', topVia(lines)],
    ['Max-Forwards', '70'],
  ];
  for (const route of valuesOf(lines, 'Route')) headers.push(['Route', route]);
  const first = (name: string) => valuesOf(lines, name)[0] ?? '';
  headers.push(
    ['From', first('From')],
    ['To', to ?? first('To')],
    ['Call-ID', first('Call-ID')],
    ['CSeq', `${Number.parseInt(first('CSeq'), 10)} ${method}`],
    ...extra,
    ['Content-Length', '0'],
  );
  const head = `${method} ${requestUri} SIP/2.0\r\n${renderLines(headers)}\r\n`;
  return { method, branch: invite.branch, message: { head, body: noBytes } };
}

/** Our own Via: the first element, where the caller has put several on one line. */
function topVia(lines: readonly string[]): string {
  return splitCommaList(valuesOf(lines, 'Via')[0] ?? '')[0] ?? '';
}

/** What we send is canonical: full names, one line each. */
function valuesOf(lines: readonly string[], name: string): string[] {
  const prefix = `${name}: `;
  return lines.filter(line => line.startsWith(prefix)).map(line => line.slice(prefix.length));
}
