import { utf8FromLatin1 } from '../base/bytes.ts';
import type { Failure } from '../base/failure.ts';
import type { RequestFacts, ServerLog } from '../observe/server-log.ts';
import type { RoleLog } from '../routing/role-log.ts';
import type { SipRequest } from '../sip/message.ts';

/** Refusals since the start by error code. */
export type RefusalCounts = Map<string, number>;

/** The log of a role on the server's log, peers by the names in their certificates. Refusals are counted too, also those that get no line. */
export function roleLog(log: ServerLog, refusals: RefusalCounts): RoleLog {
  return {
    refused: (request, failure, step, peer = []) => {
      count(refusals, failure);
      log.refused(factsOf(request), failure, step, peer.join(', '));
    },
    faulted: (request, fault, step) => void log.fault(`${request.method} at step ${step}`, fault),
    connectionFaulted: fault => void log.fault('a connection', fault),
    event: (name, details) => log.event(name, details),
  };
}

function count(refusals: RefusalCounts, { code }: Failure): void {
  refusals.set(code, (refusals.get(code) ?? 0) + 1);
}

function factsOf(request: SipRequest): RequestFacts {
  const { method, callId, from, to } = request;
  return { method, callId: utf8FromLatin1(callId), from: utf8FromLatin1(from.uri), to: utf8FromLatin1(to.uri) };
}
