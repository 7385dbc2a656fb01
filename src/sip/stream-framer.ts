import { allocateBytes, latin1FromBytes, noBytes } from '../base/bytes.ts';
import { type Failure, failure } from '../base/failure.ts';
import { headerIdOf } from './header-name.ts';
import type { SipMessage, SipRequest } from './message.ts';
import { clientLimits, type ParseLimits } from './parse-limits.ts';
import { bodyTooLarge, completeMessage, headTooLarge, type ParsedHead, type ParseError, parseHead } from './parse-message.ts';

/** What a stream holds next. */
export type Framed =
  | { readonly kind: 'message'; readonly message: SipMessage }
  /** `ping`: CRLF CRLF, to be answered by CRLF (rfc5626 4.4.1); `pong`: a single CRLF, an answer or a stray one. */
  | { readonly kind: 'keep-alive'; readonly form: 'ping' | 'pong' }
  | { readonly kind: 'need-more' }
  | Bad;

/** A message that cannot be accepted. */
export interface Bad {
  readonly kind: 'bad';
  readonly failure: Failure;
  /** Enough of the request to answer it; absent where it cannot or must not be answered. */
  readonly request: SipRequest | undefined;
  /** True if the end of the message is unknown: the framer stays bad, the connection has to be closed. */
  readonly fatal: boolean;
}

/** Says whether a stream may keep what has not come in whole. */
export interface StreamRoom {
  /** Asked before memory is taken. False: there is none left for this peer. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

/** What a framer asks of whoever knows its peer. */
export interface StreamFramerOptions {
  /** Where the memory for parts of messages comes from; absent: there is always enough. */
  readonly room?: StreamRoom | undefined;
  /** The longest body this peer may send, where that is more than `bodyBytes`; asked only for a longer one. */
  readonly longestBody?: (() => number) | undefined;
}

const needMore: Framed = { kind: 'need-more' };
const ping: Framed = { kind: 'keep-alive', form: 'ping' };
const pong: Framed = { kind: 'keep-alive', form: 'pong' };
const contentTypeBit = 1 << headerIdOf('Content-Type');
/** Longer bodies of refused messages are not waited for: the connection is closed. */
const longestSkippedBody = 16 * 1024 * 1024;
const carriageReturn = 13;
const lineFeed = 10;

/**
 * Cuts a byte stream into messages (rfc3261 18.3). Chunks are read in place; bytes are copied only where a head or body crosses
 * from one chunk to the next. Memory held is at most twice what was received of one message, plus chunks pushed and not pulled.
 */
export class StreamFramer {
  readonly #limits: ParseLimits;
  readonly #room: StreamRoom | undefined;
  readonly #longestBody: (() => number) | undefined;
  #chunk: Uint8Array = noBytes;
  #position = 0;
  readonly #waiting: Uint8Array[] = [];
  /** Bytes of the current head or body from earlier chunks. */
  #carry: Uint8Array = noBytes;
  #carried = 0;
  /** Bytes taken of the room. */
  #roomTaken = 0;
  /** Set while the body of an accepted head is awaited. */
  #head: ParsedHead | undefined;
  #bodyLength = 0;
  /** Bytes of the body of a refused message still to be passed over. */
  #skip = 0;
  #afterCarriageReturn = false;
  /** One CRLF was seen directly before: a second one makes a ping, also from another chunk. */
  #afterCrlf = false;
  #bad: Bad | undefined;

  constructor(limits: ParseLimits = clientLimits, { room, longestBody }: StreamFramerOptions = {}) {
    this.#limits = limits;
    this.#room = room;
    this.#longestBody = longestBody;
  }

  /** True while a message has begun and is not complete, or one that was refused is passed over. */
  get isInMessage(): boolean {
    return this.#carried > 0 || this.#head !== undefined || this.#skip > 0;
  }

  /** Gives its memory back: the stream is over. */
  close(): void {
    this.#dropCarry();
  }

  /** A CRLF seen before was no half of a ping: whoever calls this knows how long ago it came. */
  forgetCrlf(): void {
    this.#afterCrlf = false;
  }

  /** Hands over received bytes; they are read in place and must not change until their messages have been dealt with. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0 || this.#bad !== undefined) return;
    if (this.#position === this.#chunk.length && this.#waiting.length === 0) {
      this.#chunk = chunk;
      this.#position = 0;
    } else this.#waiting.push(chunk);
  }

  /** Bytes received that belong to no message handed out yet. */
  get bufferedBytes(): number {
    let bytes = this.#carried + this.#chunk.length - this.#position;
    for (const chunk of this.#waiting) bytes += chunk.length;
    return bytes;
  }

  /** The next message or keep-alive; call it until it says `need-more` or a fatal `bad`. */
  next(): Framed {
    for (;;) {
      if (this.#bad !== undefined) return this.#bad;
      if (this.#position === this.#chunk.length && !this.#takeNextChunk()) return needMore;
      const framed = this.#advance();
      if (framed !== undefined) return framed;
    }
  }

  /** One step forward; at least one byte of the chunk is unread. */
  #advance(): Framed | undefined {
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, this.#chunk.length - this.#position);
      this.#skip -= skipped;
      this.#position += skipped;
      return undefined;
    }
    if (this.#head !== undefined) return this.#readBody(this.#head);
    if (this.#carried > 0) return this.#readSplitHead();
    return this.#readKeepAlive() ?? this.#readHead();
  }

  #takeNextChunk(): boolean {
    const chunk = this.#waiting.shift();
    this.#chunk = chunk ?? noBytes;
    this.#position = 0;
    return chunk !== undefined;
  }

  /** Passes over CRLFs between messages. All that are there at once count as one ping, so that a flood gets one answer. */
  #readKeepAlive(): Framed | undefined {
    let found = this.#afterCrlf ? 1 : 0;
    const before = found;
    for (; this.#position < this.#chunk.length; this.#position++) {
      const code = this.#chunk[this.#position];
      if (this.#afterCarriageReturn) {
        if (code !== lineFeed) return this.#fail(failure('MESSAGE_MALFORMED', { detail: 'a CR stands alone' }));
        this.#afterCarriageReturn = false;
        found++;
      } else if (code === carriageReturn) this.#afterCarriageReturn = true;
      else if (code === lineFeed) return this.#fail(failure('MESSAGE_MALFORMED', { detail: 'an LF stands alone' }));
      else break;
    }
    if (found === before) return undefined;
    this.#afterCrlf = found < 2;
    return found < 2 ? pong : ping;
  }

  #readHead(): Framed | undefined {
    const start = this.#position;
    const end = this.#chunk.length;
    if (start === end) return undefined;
    this.#afterCrlf = false;
    const headEnd = findHeadEnd(this.#chunk, start, Math.min(end, start + this.#limits.headBytes + 2));
    if (headEnd >= 0) {
      this.#position = headEnd + 2;
      return this.#startMessage(this.#chunk, start, headEnd);
    }
    if (end - start > this.#limits.headBytes + 1) {
      return this.#refuseLongHead(latin1FromBytes(this.#chunk, start, start + this.#limits.headBytes));
    }
    return this.#keepHead(end - start);
  }

  /** Goes on with a head that began in an earlier chunk; the empty line may stand across the border. */
  #readSplitHead(): Framed | undefined {
    const start = this.#position;
    const available = this.#chunk.length - start;
    const room = Math.max(0, Math.min(available, this.#limits.headBytes + 2 - this.#carried));
    const last = Math.min(3, this.#carried);
    const seam = new Uint8Array(last + Math.min(3, room));
    seam.set(this.#carry.subarray(this.#carried - last, this.#carried));
    seam.set(this.#chunk.subarray(start, start + seam.length - last), last);
    const seamEnd = findHeadEnd(seam, 0, seam.length);
    const chunkEnd = seamEnd >= 0 ? start + seamEnd - last : findHeadEnd(this.#chunk, start, start + room);
    const found = seamEnd >= 0 || chunkEnd >= 0;
    const full = this.#keepHead(found ? chunkEnd + 2 - start : room);
    if (full) return full;
    if (found) {
      const head = this.#carry.subarray(0, this.#carried - 2);
      this.#dropCarry();
      return this.#startMessage(head, 0, head.length);
    }
    if (room < available) {
      const text = latin1FromBytes(this.#carry, 0, this.#carried);
      this.#dropCarry();
      return this.#refuseLongHead(text);
    }
    return undefined;
  }

  #startMessage(bytes: Uint8Array, start: number, end: number): Framed | undefined {
    const head = parseHead(latin1FromBytes(bytes, start, end), this.#limits, bytes, start);
    if (head.kind === 'parse-error') return this.#refuse(head, head.contentLength);
    // Streams need Content-Length (rfc3261 18.3); without it and without a Content-Type no body can be meant.
    if (head.contentLength === undefined && (head.core.index.singles & contentTypeBit) !== 0) {
      const request = requestOf(completeMessage(head, noBytes));
      return this.#fail(failure('MESSAGE_MALFORMED', { detail: 'Content-Length is missing' }), request);
    }
    const length = head.contentLength ?? 0;
    const longest = length > this.#limits.bodyBytes ? (this.#longestBody?.() ?? this.#limits.bodyBytes) : length;
    if (length > longest) return this.#refuse(bodyTooLarge(completeMessage(head, noBytes), length, longest), length);
    this.#bodyLength = length;
    const isHere = length <= this.#chunk.length - this.#position;
    if (!isHere && !this.#takeRoom(length)) {
      return this.#refuse({ ...noRoom(), request: requestOf(completeMessage(head, noBytes)) }, length);
    }
    return this.#readBody(head);
  }

  #readBody(head: ParsedHead): Framed | undefined {
    const start = this.#position;
    const available = this.#chunk.length - start;
    let body: Uint8Array = noBytes;
    if (this.#carried === 0 && available >= this.#bodyLength) {
      this.#position = start + this.#bodyLength;
      if (this.#bodyLength > 0) body = this.#chunk.subarray(start, this.#position);
      if (this.#roomTaken > 0) this.#dropCarry();
    } else {
      this.#keep(Math.min(available, this.#bodyLength - this.#carried), this.#bodyLength);
      if (this.#carried < this.#bodyLength) {
        this.#head = head;
        return undefined;
      }
      body = this.#carry.subarray(0, this.#bodyLength);
      this.#dropCarry();
    }
    this.#head = undefined;
    return { kind: 'message', message: completeMessage(head, body) };
  }

  /** Copies the next `count` bytes of a head; a stream that has no room for one cannot be read on. */
  #keepHead(count: number): Bad | undefined {
    const most = this.#limits.headBytes + 2;
    const needed = this.#carried + count;
    if (needed > this.#carry.length && !this.#takeRoom(this.#sizeFor(needed, most) - this.#roomTaken)) {
      return this.#fail(noRoom().failure);
    }
    this.#keep(count, most);
    return undefined;
  }

  #takeRoom(bytes: number): boolean {
    if (this.#room?.take(bytes) === false) return false;
    this.#roomTaken += bytes;
    return true;
  }

  /** How much is allocated for so many bytes, which may become `most`. */
  #sizeFor(needed: number, most: number): number {
    return Math.max(needed, Math.min(most, Math.max(1024, this.#carry.length * 2)));
  }

  /** Copies the next `count` bytes of the chunk behind the carried ones; room grows with what is received, up to `most`. */
  #keep(count: number, most: number): void {
    if (count === 0) return;
    const needed = this.#carried + count;
    if (needed > this.#carry.length) {
      const grown = allocateBytes(this.#sizeFor(needed, most));
      grown.set(this.#carry.subarray(0, this.#carried));
      this.#carry = grown;
    }
    this.#carry.set(this.#chunk.subarray(this.#position, this.#position + count), this.#carried);
    this.#carried = needed;
    this.#position += count;
  }

  #dropCarry(): void {
    this.#carry = noBytes;
    this.#carried = 0;
    if (this.#roomTaken === 0) return;
    this.#room?.giveBack(this.#roomTaken);
    this.#roomTaken = 0;
  }

  /** Refuses a message; its body is passed over if its length is known, otherwise the stream cannot be read on. */
  #refuse(error: ParseError, contentLength: number | undefined): Bad {
    if (contentLength === undefined || contentLength > longestSkippedBody) return this.#fail(error.failure, error.request);
    this.#skip = contentLength;
    return { kind: 'bad', failure: error.failure, request: error.request, fatal: false };
  }

  #refuseLongHead(headText: string): Bad {
    const error = headTooLarge(headText, this.#limits);
    return this.#fail(error.failure, error.request);
  }

  #fail(reason: Failure, request?: SipRequest): Bad {
    this.#bad = { kind: 'bad', failure: reason, request, fatal: true };
    this.#chunk = noBytes;
    this.#position = 0;
    this.#waiting.length = 0;
    this.#dropCarry();
    return this.#bad;
  }
}

/** Position after the CRLF that ends the last line before an empty line in `start`…`end`, or -1. */
export function findHeadEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = start + 3;
  while (i < end) {
    const code = bytes[i] as number;
    if (code > carriageReturn) i += 4;
    else if (code === lineFeed) {
      if (bytes[i - 1] === carriageReturn && bytes[i - 2] === lineFeed && bytes[i - 3] === carriageReturn) return i - 1;
      i += 2;
    } else i += code === carriageReturn ? 1 : 4;
  }
  return -1;
}

function noRoom(): ParseError {
  return { kind: 'parse-error', failure: failure('NO_ROOM_FOR_MESSAGE'), request: undefined, contentLength: undefined };
}

function requestOf(message: SipMessage): SipRequest | undefined {
  return message.kind === 'request' ? message : undefined;
}
