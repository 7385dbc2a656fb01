import { guarded } from '../base/boundary.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import { shortToken } from '../base/random.ts';
import type { SipMessage, SipRequest } from '../sip/message.ts';
import { clientLimits, type ParseLimits, serverLimits } from '../sip/parse-limits.ts';
import { noteSource, type RequestSource, requestSource } from '../sip/request-source.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { StreamFramer, type StreamRoom } from '../sip/stream-framer.ts';
import type { ByteStream, ByteStreamHandler } from './byte-stream.ts';
import type { CloseKind, CloseReason } from './close-reason.ts';
import { MessageFramer } from './message-framer.ts';
import type { PeerChain, VerifiedPeer } from './peer-verifier.ts';
import { WriteQueue } from './write-queue.ts';

/** Whoever uses connections. All of it is called from the event loop, never from within `send` or `close`. */
export interface ConnectionHandler {
  onMessage(connection: Connection, message: SipMessage): void;
  /**
   * A message that cannot be accepted. With `request` it can be answered (the status is in the code's `sip` mapping). Where the stream
   * cannot be read on, the connection closes by itself after what is sent now.
   */
  onBad(connection: Connection, failure: Failure, request: SipRequest | undefined): void;
  /** The connection is gone; said once, nothing follows. */
  onClosed(connection: Connection, why: CloseReason): void;
}

/** Limits of one connection. */
export interface ConnectionLimits {
  /** Sizes of messages. */
  readonly message: ParseLimits;
  /** Bytes queued for a peer that reads slowly; a message that finds more than this waiting is not sent. */
  readonly maxQueuedBytes: number;
  /** A peer whose queue is full has to read on within this time, milliseconds; a connection on which nothing moves is closed. */
  readonly stalledMs: number;
  /** Bytes received before the peer has proved who it is. */
  readonly unauthenticatedBytes: number;
  /** Time for that proof, milliseconds. */
  readonly unauthenticatedMs: number;
  /** Closed when nothing, not even a keep-alive, arrives for this long (up to twice as long in effect), milliseconds; 0: never. */
  readonly idleMs: number;
  /** A message that has begun has to come in this quickly, bytes each second; one that is slower ends the connection. */
  readonly minBytesPerSecond: number;
  /** Time for the first request that we accept from a peer with a certificate, milliseconds; 0: none is asked for. */
  readonly unprovenMs: number;
}

/** Towards users: clients keep alive every few minutes at most. */
export const userConnectionLimits: ConnectionLimits = {
  message: clientLimits,
  maxQueuedBytes: 1024 * 1024,
  stalledMs: 10_000,
  unauthenticatedBytes: 65_536,
  unauthenticatedMs: 10_000,
  idleMs: 15 * 60_000,
  minBytesPerSecond: 1024,
  unprovenMs: 0,
};

/** Towards other servers. */
export const trunkConnectionLimits: ConnectionLimits = {
  message: serverLimits,
  maxQueuedBytes: 32 * 1024 * 1024,
  stalledMs: 10_000,
  unauthenticatedBytes: 65_536,
  unauthenticatedMs: 10_000,
  idleMs: 0,
  minBytesPerSecond: 16_384,
  unprovenMs: 0,
};

/** Towards partners: as towards other servers, but whose domain we do not know sends no more than a client, and has to say something. */
export const partnerConnectionLimits: ConnectionLimits = {
  ...trunkConnectionLimits,
  message: { ...serverLimits, bodyBytes: clientLimits.bodyBytes },
  unprovenMs: 60_000,
};

/** What a connection is made of. */
export interface ConnectionOptions {
  /** Unique among all connections; a random one if not given. */
  readonly id?: string | undefined;
  /** What it runs over, where the stream does not tell. */
  readonly transport?: ConnectionTransport;
  readonly stream: ByteStream;
  readonly handler: ConnectionHandler;
  readonly clock: Clock;
  readonly limits: ConnectionLimits;
  /** Who opened it. The peer of an outbound connection was chosen by us and needs no further proof. */
  readonly direction: 'inbound' | 'outbound';
  /** TLS. */
  readonly secure: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The certificates the peer sent, believed or not. */
  readonly chain?: PeerChain | undefined;
  /** Who it is, if its certificates were verified: it then counts as authenticated. */
  readonly peer?: VerifiedPeer | undefined;
  /**
   * Told once when the peer has proved who it is: of `owner`, the account it is, where that is not said by a certificate. False: the owner
   * has too many connections, and the peer stays a stranger.
   */
  readonly onAuthenticated?: (connection: Connection, owner: string | undefined) => boolean;
  /** Where the memory for parts of messages comes from; absent: there is always enough. */
  readonly room?: StreamRoom | undefined;
  /** The longest body this peer may send, where that may be more than the limit for messages; asked for each such body. */
  readonly longestBody?: ((connection: Connection) => number) | undefined;
  /** Told after the handler when the connection is gone. */
  readonly onGone?: (connection: Connection) => void;
}

const crlf: OutgoingMessage = { head: '\r\n', body: new Uint8Array(0) };
/** The second CRLF of a ping follows within this time; CRLFs further apart are no ping (rfc5626 4.4.1). Milliseconds. */
const pingMs = 500;
/** How long a peer may take to read the last bytes and to close its side. */
const lingerMs = 2_000;
/** How often it is looked at whether a message that has begun goes on, milliseconds. */
const progressMs = 10_000;

/** What a connection runs over, as Via names it (rfc3261 20.42, rfc7118 5.1). */
export type ConnectionTransport = 'TCP' | 'TLS' | 'WS' | 'WSS';

/** SIP over one byte stream: messages in, messages out, limits on both, one end. */
export class Connection implements ByteStreamHandler {
  /** Unique among all connections. */
  readonly id: string;
  /** Nothing has to be retransmitted here. */
  readonly reliable = true;
  /** What it runs over. */
  readonly transport: ConnectionTransport;
  readonly direction: 'inbound' | 'outbound';
  readonly secure: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly peerChain: PeerChain | undefined;
  readonly peer: VerifiedPeer | undefined;
  /** Who uses it. */
  readonly handler: ConnectionHandler;
  /** What its user keeps with it. */
  attachment: object | undefined = undefined;
  readonly #source: RequestSource;
  readonly #stream: ByteStream;
  readonly #clock: Clock;
  readonly #limits: ConnectionLimits;
  readonly #framer: StreamFramer | MessageFramer;
  readonly #writes: WriteQueue;
  readonly #onAuthenticated: ConnectionOptions['onAuthenticated'];
  readonly #onGone: ((connection: Connection) => void) | undefined;
  #authenticated = false;
  #proven = false;
  #authenticationTimer: Timer | undefined;
  #progressTimer: Timer | undefined;
  #idleTimer: Timer | undefined;
  #lingerTimer: Timer | undefined;
  #stalledTimer: Timer | undefined;
  #receivedBytes = 0;
  #messages = 0;
  #heard = false;
  /** When a single CRLF came that may be the first half of a ping. */
  #crlfAtMs: number | undefined;
  #spoke = false;
  #reading = true;
  #draining = false;
  /** Set when the end has begun. */
  #why: CloseReason | undefined;
  #gone = false;
  #abort: AbortController | undefined;
  #closed: PromiseWithResolvers<CloseReason> | undefined;

  constructor(options: ConnectionOptions) {
    this.id = options.id ?? shortToken();
    this.transport = options.transport ?? transportOf(options);
    this.direction = options.direction;
    this.secure = options.secure;
    this.remoteAddress = options.remoteAddress;
    this.remotePort = options.remotePort;
    this.#source = requestSource(options.remoteAddress, options.remotePort);
    this.peerChain = options.chain;
    this.peer = options.peer;
    this.#stream = options.stream;
    this.handler = options.handler;
    this.#clock = options.clock;
    this.#limits = options.limits;
    const { room, longestBody, limits } = options;
    this.#framer =
      options.stream.carries === 'bytes'
        ? new StreamFramer(limits.message, { room, longestBody: longestBody && (() => longestBody(this)) })
        : new MessageFramer(limits.message);
    this.#writes = new WriteQueue(options.stream);
    this.#onAuthenticated = options.onAuthenticated;
    this.#onGone = options.onGone;
    const isKnown = options.direction === 'outbound' || options.peer !== undefined;
    this.#authenticated = isKnown;
    if (!isKnown) this.#proveWithin(limits.unauthenticatedMs, 'authentication-late');
    else if (options.direction === 'inbound' && limits.unprovenMs > 0) this.#proveWithin(limits.unprovenMs, 'never-accepted');
    else this.#prove(undefined);
    if (options.limits.idleMs > 0) this.#idleTimer = this.#clock.every(options.limits.idleMs, () => this.#checkIdle());
    this.#stream.open(this);
  }

  /** True once the peer has proved who it is. */
  get authenticated(): boolean {
    return this.#authenticated;
  }

  /** True from the moment the end has begun: nothing can be sent any more. */
  get closing(): boolean {
    return this.#why !== undefined;
  }

  /** Aborted when the connection is gone. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#gone) this.#abort.abort(this.#why);
    return this.#abort.signal;
  }

  /** Resolves when the connection is gone. */
  get closed(): Promise<CloseReason> {
    this.#closed ??= Promise.withResolvers();
    if (this.#gone && this.#why !== undefined) this.#closed.resolve(this.#why);
    return this.#closed.promise;
  }

  /** Bytes accepted by `send` that the peer's side has not taken yet. */
  get queuedBytes(): number {
    return this.#writes.queuedBytes;
  }

  /** True once the peer has proved that it may speak here: as `authenticated`, or by its first request that was accepted. */
  get proven(): boolean {
    return this.#proven;
  }

  /**
   * Lifts the limits for strangers: the peer has proved to be `owner`. False if that one has too many connections already: the peer then stays
   * a stranger.
   */
  markAuthenticated(owner?: string): boolean {
    if (this.#authenticated) return true;
    this.#authenticated = this.#prove(owner);
    return this.#authenticated;
  }

  /** A request of the peer was accepted: its connection may stay open without saying anything. */
  markProven(): void {
    if (!this.#proven) this.#prove(undefined);
  }

  /** Whether nothing was heard since this was asked before, or ever. */
  wasQuiet(): boolean {
    const spoke = this.#spoke;
    this.#spoke = false;
    return !spoke;
  }

  /** Queues a message. False if the connection is closed or closing, or has too much waiting to be read. */
  send(message: OutgoingMessage): boolean {
    if (this.#why !== undefined) return false;
    if (this.#writes.queuedBytes > this.#limits.maxQueuedBytes) {
      this.#watchStalled();
      return false;
    }
    this.#writes.push(message);
    return true;
  }

  /** Stops taking messages from the peer, who is slowed down by the transport; `resumeReading` goes on where it stopped. */
  pauseReading(): void {
    if (!this.#reading || this.#why !== undefined) return;
    this.#reading = false;
    this.#stream.setReading(false);
  }

  /** Takes messages again, first those already received, in a later turn of the event loop. */
  resumeReading(): void {
    if (this.#reading || this.#why !== undefined) return;
    this.#reading = true;
    setImmediate(() => {
      if (!this.#reading || this.#why !== undefined) return;
      this.#stream.setReading(true);
      this.#drain();
    });
  }

  /** Closes after what was queued; `detail` is for the log. What the peer still sends is dropped. */
  close(detail: string): void {
    this.#finish({ kind: 'closed-here', detail });
  }

  /** @internal */
  onReceived(byteCount: number): void {
    this.#heard = true;
    this.#spoke = true;
    this.#receivedBytes += byteCount;
    if (this.#authenticated) return;
    if (this.#receivedBytes <= this.#limits.unauthenticatedBytes) return;
    this.#breakOff('authentication-bytes', `${this.#receivedBytes} bytes received`);
  }

  /** @internal */
  onBytes(bytes: Uint8Array): void {
    if (this.#why !== undefined) return;
    if (this.#crlfAtMs !== undefined) this.#forgetOldCrlf(this.#crlfAtMs);
    this.#framer.push(bytes);
    this.#drain();
  }

  /** @internal */
  onEnd(cause: Error | undefined): void {
    this.#gone = true;
    this.#why ??=
      cause === undefined ? { kind: 'peer-closed', detail: '' } : { kind: 'transport-failed', detail: cause.message, cause };
    this.#writes.clear();
    this.#framer.close();
    this.#authenticationTimer?.cancel();
    this.#progressTimer?.cancel();
    this.#idleTimer?.cancel();
    this.#lingerTimer?.cancel();
    this.#stalledTimer?.cancel();
    this.#abort?.abort(this.#why);
    this.#closed?.resolve(this.#why);
    const why = this.#why;
    // whatever the handler does, whoever counts connections is told
    guarded(() => this.handler.onClosed(this, why));
    this.#onGone?.(this);
  }

  /** Hands out what is complete. A fault in the handler ends this connection and no other. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      while (this.#reading && this.#why === undefined && this.#takeNext());
      if (this.#progressTimer === undefined && this.#framer.isInMessage) this.#watchProgress();
    } catch (cause) {
      this.#breakOff('fault', cause instanceof Error ? cause.message : String(cause), cause);
    } finally {
      this.#draining = false;
    }
  }

  #takeNext(): boolean {
    const framed = this.#framer.next();
    switch (framed.kind) {
      case 'message':
        this.#messages++;
        if (framed.message.kind === 'request') noteSource(framed.message, this.#source);
        this.handler.onMessage(this, framed.message);
        return true;
      case 'keep-alive':
        if (framed.form === 'ping') this.send(crlf);
        else this.#crlfAtMs = this.#clock.now();
        return true;
      case 'bad':
        if (framed.request !== undefined) noteSource(framed.request, this.#source);
        this.handler.onBad(this, framed.failure, framed.request);
        if (framed.fatal) this.#finish({ kind: 'unreadable', detail: framed.failure.text });
        return !framed.fatal;
      case 'need-more':
        return false;
    }
  }

  /** Clients that keep alive by single CRLFs have not asked for an answer. */
  #forgetOldCrlf(atMs: number): void {
    const passed = this.#clock.now() - atMs;
    // a clock that was set back tells nothing
    if (passed >= 0 && passed < pingMs) return;
    this.#crlfAtMs = undefined;
    if (this.#framer instanceof StreamFramer) this.#framer.forgetCrlf();
  }

  /** A full queue alone proves nothing: others could fill it faster than any peer reads, and so cut off whom they like. */
  #watchStalled(): void {
    if (this.#stalledTimer !== undefined) return;
    const before = this.#writes.queuedBytes;
    this.#stalledTimer = this.#clock.after(this.#limits.stalledMs, () => {
      this.#stalledTimer = undefined;
      const waiting = this.#writes.queuedBytes;
      if (waiting >= before) this.#breakOff('slow-reader', `${waiting} bytes waited to be read`);
      // the kernel may still take a little from a peer that reads nothing: watched until the queue is empty or stands still
      else if (waiting > 0) this.#watchStalled();
    });
  }

  /** Looks now and then whether a message that has begun comes in: memory is not held for a peer that goes on with a byte a minute. */
  #watchProgress(): void {
    const before = { messages: this.#messages, bytes: this.#receivedBytes };
    this.#progressTimer = this.#clock.after(progressMs, () => {
      this.#progressTimer = undefined;
      if (this.#why !== undefined || !this.#framer.isInMessage) return;
      const bytes = this.#receivedBytes - before.bytes;
      const isSlow = this.#messages === before.messages && bytes < (this.#limits.minBytesPerSecond * progressMs) / 1000;
      if (this.#reading && isSlow) this.#breakOff('message-late', `${bytes} bytes of a message in ${progressMs / 1000} s`);
      else this.#watchProgress();
    });
  }

  #proveWithin(delayMs: number, otherwise: CloseKind): void {
    this.#authenticationTimer = this.#clock.after(delayMs, () => this.#breakOff(otherwise));
  }

  #prove(owner: string | undefined): boolean {
    if (this.#onAuthenticated?.(this, owner) === false) return false;
    this.#proven = true;
    this.#authenticationTimer?.cancel();
    return true;
  }

  #checkIdle(): void {
    if (!this.#heard) this.#breakOff('idle');
    this.#heard = false;
  }

  /** Ends in order: what is queued goes out first. */
  #finish(why: CloseReason): void {
    if (this.#why !== undefined) return;
    this.#writes.flush();
    this.#why = why;
    this.#stream.close('after-writes');
    this.#lingerTimer = this.#clock.after(lingerMs, () => this.#stream.close('now'));
  }

  /** Ends at once: what is queued is dropped. */
  #breakOff(kind: CloseKind, detail = '', cause?: unknown): void {
    if (this.#why !== undefined) return;
    this.#why = cause === undefined ? { kind, detail } : { kind, detail, cause };
    this.#writes.clear();
    this.#stream.close('now');
  }
}

function transportOf({ stream, secure }: ConnectionOptions): ConnectionTransport {
  if (stream.carries === 'messages') return secure ? 'WSS' : 'WS';
  return secure ? 'TLS' : 'TCP';
}
