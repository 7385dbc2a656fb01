import { appendCommaList } from './comma-list.ts';
import type { CSeq } from './cseq.ts';
import { entryLineEnd, entrySize, findEntry, type HeadIndex } from './head-index.ts';
import { type HeaderName, headerIdOf, headerNameOf, unknownHeaderId } from './header-name.ts';
import type { Method } from './methods.ts';
import { type NameAddress, nameAddressAt, parseNameAddress } from './name-address.ts';
import type { Via } from './via.ts';

/** What the parser has found out about every message before it makes one. */
export interface MessageCore {
  readonly index: HeadIndex;
  /** False if the head was not in canonical form as received and has been rendered anew. */
  readonly canonical: boolean;
  readonly callId: string;
  readonly cseq: CSeq;
  readonly fromTag: string | undefined;
  readonly toTag: string | undefined;
  readonly topVia: Via;
  /** Where the topmost Via element ends in the head: at a comma or the end of its line; 0 where that is not known. */
  readonly topViaEnd: number;
}

/** The part that requests and responses share. Header values are sliced from the head when asked for. */
abstract class MessageBase {
  /** The head in canonical form: start line and headers with CRLF each, without the final empty line; one character per byte. */
  readonly head: string;
  readonly index: HeadIndex;
  readonly canonical: boolean;
  /** A view of received bytes: copy what has to outlive the message. */
  readonly body: Uint8Array;
  readonly callId: string;
  readonly cseq: CSeq;
  readonly fromTag: string | undefined;
  readonly toTag: string | undefined;
  readonly topVia: Via;
  readonly topViaEnd: number;

  constructor(core: MessageCore, body: Uint8Array) {
    this.head = core.index.head;
    this.index = core.index;
    this.canonical = core.canonical;
    this.body = body;
    this.callId = core.callId;
    this.cseq = core.cseq;
    this.fromTag = core.fromTag;
    this.toTag = core.toTag;
    this.topVia = core.topVia;
    this.topViaEnd = core.topViaEnd;
  }

  /** The value of the first header of that name, unfolded and trimmed. */
  get(name: HeaderName): string | undefined {
    const entry = this.#find(name, headerIdOf(name), 0);
    return entry < 0 ? undefined : this.#value(entry);
  }

  /** The value of each header line of that name, in order; lists are not split. */
  all(name: HeaderName): readonly string[] {
    const values: string[] = [];
    const id = headerIdOf(name);
    for (let entry = this.#find(name, id, 0); entry >= 0; entry = this.#find(name, id, entry + entrySize)) {
      values.push(this.#value(entry));
    }
    return values;
  }

  /** The elements of the comma-separated lists of that name, over all its lines (not for challenges, credentials and dates). */
  list(name: HeaderName): readonly string[] {
    const elements: string[] = [];
    const id = headerIdOf(name);
    for (let entry = this.#find(name, id, 0); entry >= 0; entry = this.#find(name, id, entry + entrySize)) {
      appendCommaList(this.#value(entry), elements);
    }
    return elements;
  }

  /** True if there is a header of that name. */
  has(name: HeaderName): boolean {
    return this.#find(name, headerIdOf(name), 0) >= 0;
  }

  /** All headers in order, known names in canonical spelling. */
  headers(): readonly (readonly [name: string, value: string])[] {
    const { entries, head } = this.index;
    const lines: [string, string][] = [];
    for (let entry = 0; entry < entries.length; entry += entrySize) {
      const id = entries[entry] as number;
      const name = id === unknownHeaderId ? head.slice(entries[entry + 1], entries[entry + 2]) : headerNameOf(id);
      lines.push([name, this.#value(entry)]);
    }
    return lines;
  }

  /** The From value. */
  get from(): NameAddress {
    return this.#address('From');
  }

  /** The To value. */
  get to(): NameAddress {
    return this.#address('To');
  }

  /** The URI in From, without anything else of it. */
  get fromUri(): string {
    return this.#uri('From');
  }

  /** The URI in To. */
  get toUri(): string {
    return this.#uri('To');
  }

  #uri(name: 'From' | 'To'): string {
    const entry = this.#find(name, headerIdOf(name), 0);
    if (entry < 0) return '';
    const bounds = nameAddressAt(this.head, (this.index.entries[entry + 2] as number) + 2, entryLineEnd(this.index, entry) - 2);
    return bounds === undefined ? '' : this.head.slice(bounds.uriStart, bounds.uriEnd);
  }

  #address(name: 'From' | 'To'): NameAddress {
    // The parser has accepted the value, except in a request salvaged from a malformed message.
    return parseNameAddress(this.get(name) ?? '') ?? { uri: '', params: new Map() };
  }

  #find(name: HeaderName, id: number, from: number): number {
    const { entries, head } = this.index;
    if (id !== unknownHeaderId) return findEntry(entries, id, from);
    const lowerName = name.toLowerCase();
    for (let entry = findEntry(entries, id, from); entry >= 0; entry = findEntry(entries, id, entry + entrySize)) {
      const start = entries[entry + 1] as number;
      const colon = entries[entry + 2] as number;
      if (colon - start === name.length && head.slice(start, colon).toLowerCase() === lowerName) return entry;
    }
    return -1;
  }

  #value(entry: number): string {
    const { entries, head } = this.index;
    const start = (entries[entry + 2] as number) + 2;
    const end = (entries[entry + entrySize + 1] ?? head.length) - 2;
    // Only a padded Content-Length begins with a space in a canonical head.
    return head.charCodeAt(start) === 0x20 ? head.slice(start, end).trim() : head.slice(start, end);
  }
}

/** A request as received. */
export class SipRequest extends MessageBase {
  readonly kind = 'request' as const;
  readonly method: Method;
  readonly requestUri: string;
  /** Absent in requests of rfc2543 elements. */
  readonly maxForwards: number | undefined;
  /** What stands in the place of `viaStampStart`…`viaStampEnd` of the head when it goes on or back; empty: nothing does. */
  viaStamp = '';
  viaStampStart = 0;
  viaStampEnd = 0;

  constructor(core: MessageCore, body: Uint8Array, method: Method, requestUri: string, maxForwards: number | undefined) {
    super(core, body);
    this.method = method;
    this.requestUri = requestUri;
    this.maxForwards = maxForwards;
  }

  /** Where the value of the topmost Via begins in the head. */
  get topViaStart(): number {
    return (this.index.entries[findEntry(this.index.entries, headerIdOf('Via')) + 2] as number) + 2;
  }

  /** The server transport's word on where the request came from, within the topmost Via (`noteSource`). */
  stampVia(start: number, end: number, text: string): void {
    this.viaStampStart = start;
    this.viaStampEnd = end;
    this.viaStamp = text;
  }

  /** The head with that word in it. */
  get stampedHead(): string {
    const { head, viaStamp } = this;
    return viaStamp === '' ? head : head.slice(0, this.viaStampStart) + viaStamp + head.slice(this.viaStampEnd);
  }
}

/** A response as received. */
export class SipResponse extends MessageBase {
  readonly kind = 'response' as const;
  readonly status: number;
  readonly reason: string;

  constructor(core: MessageCore, body: Uint8Array, status: number, reason: string) {
    super(core, body);
    this.status = status;
    this.reason = reason;
  }
}

/** A message as received. */
export type SipMessage = SipRequest | SipResponse;
