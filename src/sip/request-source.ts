import type { SipRequest } from './message.ts';
import { trimEnd } from './parameters.ts';
import { stampReceived } from './via.ts';

/** Where requests of a connection come from, with what Via tells of it. */
export interface RequestSource {
  /** As it stands in `received`: without brackets, zone or the prefix of IPv4 within IPv6. */
  readonly address: string;
  /** The same as the host of a Via. */
  readonly host: string;
  readonly port: number;
  /** What a Via gets that asks for nothing, and one that ends in `;rport`. */
  readonly received: string;
  readonly rport: string;
}

/** The source at that end of a connection; an address as the socket gives it. */
export function requestSource(remoteAddress: string, port: number): RequestSource {
  const lower = remoteAddress.toLowerCase();
  const plain = lower.startsWith('::ffff:') && lower.includes('.') ? lower.slice('::ffff:'.length) : lower;
  const zone = plain.indexOf('%');
  const address = zone < 0 ? plain : plain.slice(0, zone);
  const host = address.includes(':') ? `[${address}]` : address;
  return { address, host, port, received: `;received=${address}`, rport: `=${port};received=${address}` };
}

/**
 * Notes in a request just received where it came from: its topmost Via goes on, and back in answers, with `received` where its host is a name
 * or another address (rfc3261 18.2.1), and with the source port where it asks for it (rfc3581 4). What a peer says of itself is replaced.
 */
export function noteSource(request: SipRequest, source: RequestSource): void {
  const { topVia, topViaEnd, head } = request;
  // what was salvaged from a message that cannot be read is answered as it stands
  if (topViaEnd === 0) return;
  const { rport } = topVia;
  if (topVia.received === undefined) {
    if (rport === undefined && topVia.host === source.host) return;
    const end = trimEnd(head, 0, topViaEnd);
    const asksLast = rport === '' && head.endsWith(';rport', end);
    if (asksLast || (rport === undefined && head.charCodeAt(end - 1) !== 0x3b)) {
      request.stampVia(end, end, asksLast ? source.rport : source.received);
      return;
    }
  }
  request.stampVia(request.topViaStart, topViaEnd, stampReceived(topVia, source.address, source.port));
}
