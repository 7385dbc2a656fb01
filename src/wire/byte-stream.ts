/** What a byte stream tells its owner. */
export interface ByteStreamHandler {
  /** The peer sent this much, framing and keep-alives of the transport included; said before `onBytes` brings what is in it. */
  onReceived(byteCount: number): void;
  /** Bytes arrived; of a stream that carries messages one whole message. They may be kept: the stream does not reuse the memory. */
  onBytes(bytes: Uint8Array): void;
  /** The stream is over in both directions; said once, nothing follows. `cause` is absent when the peer closed in order. */
  onEnd(cause: Error | undefined): void;
}

/** Two-way bytes in order: a TCP or TLS socket, a WebSocket, or a pair in memory. */
export interface ByteStream {
  /** `messages`: each write arrives as one message, and each message is handed over whole. `bytes`: there are no such borders. */
  readonly carries: 'bytes' | 'messages';
  /** Starts delivery to `handler`; called once. */
  open(handler: ByteStreamHandler): void;
  /** Queues bytes for the peer; the memory must not change afterwards. Ignored once the stream is closing. */
  write(bytes: Uint8Array): void;
  /** Bytes written that the peer's side has not taken yet. */
  readonly queuedBytes: number;
  /** Stops or resumes reading; while stopped, the peer is slowed down by the transport itself. */
  setReading(reading: boolean): void;
  /** `after-writes`: says goodbye once everything queued is out; `now`: drops what is queued. `onEnd` follows in both cases. */
  close(when: 'after-writes' | 'now'): void;
}
