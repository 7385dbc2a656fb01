import type { EdgeLog } from '../edge/edge-parts.ts';
import type { FrontEndLog } from '../frontend/front-end-log.ts';
import type { RequestFacts, ServerLog } from '../observe/server-log.ts';
import type { SipRequest } from '../sip/message.ts';

/** The log of a Front End on the server's log. */
export function frontEndLog(log: ServerLog): FrontEndLog {
  return {
    refused: (request, failure, step) => log.refused(factsOf(request), failure, step, ''),
    faulted: (request, fault, step) => void log.fault(`${request.method} at step ${step}`, fault),
    connectionFaulted: fault => void log.fault('a connection', fault),
    event: (name, details) => log.event(name, details),
  };
}

/** The log of an Edge on the server's log: peers by the names in their certificates. */
export function edgeLog(log: ServerLog): EdgeLog {
  return {
    refused: (request, failure, step, peer) => log.refused(factsOf(request), failure, step, peer.join(', ')),
    faulted: (request, fault, step) => void log.fault(`${request.method} at step ${step}`, fault),
    connectionFaulted: fault => void log.fault('a connection', fault),
    event: (name, details) => log.event(name, details),
  };
}

function factsOf(request: SipRequest): RequestFacts {
  return { method: request.method, callId: request.callId, from: request.from.uri, to: request.to.uri };
}
