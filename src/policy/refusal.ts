import { errorRegistry } from '../base/errors/registry.ts';
import type { Failure } from '../base/failure.ts';

/** An id with the text that goes with it; the receiver keys on the id. */
export interface Diagnostics {
  readonly id: number;
  readonly reason: string;
}

/** What a SIP peer is answered. */
export interface Refusal {
  readonly status: number;
  /** Reason phrase of the status line; absent: the standard one of the status. */
  readonly reason?: string;
  /** `ms-diagnostics`: never leaves the deployment. */
  readonly diagnostics?: Diagnostics;
  /** `ms-diagnostics-public`: may leave it. */
  readonly publicDiagnostics?: Diagnostics;
}

/** Who outside is answered: somebody unproved or unknown, or a proved server of a domain on the allowed list. */
export type OutsidePeer = 'stranger' | 'allowed-partner';

const serverTimeout = 'Server time-out';
const internalError = 500;

/** The answer to our own users and servers: a status and the id that says why. A code without a mapping is answered 500. */
export function refuseInside(failure: Pick<Failure, 'code'>): Refusal {
  const sip = errorRegistry[failure.code].sip;
  if (!sip) return { status: internalError };
  return {
    ...statusOf(sip.insideStatus),
    ...(sip.diagnosticsId === undefined ? {} : { diagnostics: { id: sip.diagnosticsId, reason: sip.diagnosticsReason ?? '' } }),
  };
}

/**
 * The answer to somebody outside. A stranger gets the bare status, the same for every reason, so that nobody learns our lists;
 * an allowed partner gets the inside status and a public id where the code has one. `ms-diagnostics` is never in it.
 */
export function refuseOutside(failure: Pick<Failure, 'code'>, peer: OutsidePeer): Refusal {
  const sip = errorRegistry[failure.code].sip;
  if (!sip) return { status: internalError };
  if (peer === 'stranger' || sip.publicId === undefined) return statusOf(sip.outsideStatus);
  return { ...statusOf(sip.insideStatus), publicDiagnostics: { id: sip.publicId, reason: sip.diagnosticsReason ?? '' } };
}

function statusOf(status: number): Refusal {
  return status === 504 ? { status, reason: serverTimeout } : { status };
}
