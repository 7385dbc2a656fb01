/** Why a connection ended. */
export type CloseKind =
  /** The peer closed it in order. */
  | 'peer-closed'
  /** The network or TLS broke. */
  | 'transport-failed'
  /** We closed it; the detail says why. */
  | 'closed-here'
  /** The peer has stopped reading while more than the limit for queued bytes waited for it. */
  | 'slow-reader'
  /** Nothing proved the peer's identity in time. */
  | 'authentication-late'
  /** The peer sent more than a stranger may before it proved who it is. */
  | 'authentication-bytes'
  /** A peer with a certificate has sent no request that was accepted in the time for it. */
  | 'never-accepted'
  /** A message that has begun came in too slowly. */
  | 'message-late'
  /** Nothing was received for the idle time. */
  | 'idle'
  /** An error of ours while a message of it was handled. */
  | 'fault'
  /** The bytes cannot be cut into messages any more. */
  | 'unreadable';

/** How a connection ended, for the log and for whoever depended on it. */
export interface CloseReason {
  readonly kind: CloseKind;
  /** One phrase for an admin; empty where the kind says it all. */
  readonly detail: string;
  readonly cause?: unknown;
}
