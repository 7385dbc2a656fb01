import type { Failure } from '../base/failure.ts';
import type { SipRequest } from '../sip/message.ts';

/** What a role reports while it runs; success is silent (D34). */
export interface RoleLog {
  /** A request was refused at a step, where that matters by a peer of these names; the reason stays here when the peer is a stranger. */
  refused(request: SipRequest, failure: Failure, step: string, peer?: readonly string[]): void;
  /** A fault of ours while handling a request. */
  faulted(request: SipRequest, fault: unknown, step: string): void;
  /** A fault of ours that ended a connection. */
  connectionFaulted(fault: unknown): void;
  /** Something else worth a line: a connection turned away, a user signed out. */
  event(name: string, details: Readonly<Record<string, unknown>>): void;
}
