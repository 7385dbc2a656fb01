import type { Failure } from '../base/failure.ts';
import type { SipMessage } from '../sip/message.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import type { TransactionConnection } from '../transaction/transaction-connection.ts';
import type { VerifiedPeer } from '../wire/peer-verifier.ts';
import type { ClientProofs } from './client-proofs.ts';
import type { SentBy } from './sent-by.ts';

/**
 * What carries a flow. `client`: a connection of its own. `client through an Edge`: a share of the Edge's trunk, told apart by a token that only
 * the Edge writes (D1). `client of another process`: a connection that another worker holds. `trunk`: a connection to another server.
 */
export type FlowKind = 'client' | 'client through an Edge' | 'client of another process' | 'trunk';

/** Protects every message of a flow once both sides have agreed on keys; a flow on which passwords are proven by digest needs none. */
export interface MessageSecurity {
  /** Looks at a message before anything is made of it; a failure where it is not by whom the keys were agreed on with. */
  verify(message: SipMessage): Failure | undefined;
  /** The message as it leaves, after all other changes. */
  sign(message: OutgoingMessage): OutgoingMessage;
}

/**
 * The way to somebody and back, whatever carries it. Who is at the other end is asked and answered here, and nowhere below: several flows may
 * share a connection, and one of them may end without the others.
 */
export interface Flow extends TransactionConnection {
  readonly kind: FlowKind;
  /** How we name ourselves in Via on it. */
  readonly side: SentBy;
  /** From here on nothing can be sent. */
  readonly closing: boolean;
  /** Where it comes from. */
  readonly remoteAddress: string;
  /** The server at the other end, by its verified certificate; none of a client. */
  readonly peer: VerifiedPeer | undefined;
  /** What a client has proven on it and been asked. */
  readonly proofs: ClientProofs;
  /** Set while each message is verified and signed. */
  security: MessageSecurity | undefined;
  /** The client has proved to be of this account. False where that one has too many connections already: it stays a stranger. */
  markAuthenticated(account: string): boolean;
  /** A request of the peer was accepted: it may stay without saying anything. */
  markProven(): void;
  /** Ends it, and nothing that it shares with others; `detail` is for the log. */
  end(detail: string): void;
}
