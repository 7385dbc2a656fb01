import type { Failure } from '../base/failure.ts';
import type { Diagnostics, Refusal } from '../policy/refusal.ts';
import { createResponse } from '../sip/create-message.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest } from '../sip/message.ts';
import { quoted } from '../sip/parameters.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';

/** The answer of a refusal: its status, the diagnostics it may carry, and what the status itself asks for. */
export function answerRefusal(
  request: SipRequest,
  refusal: Refusal,
  source: string,
  headers: readonly HeaderLine[] = [],
): OutgoingMessage {
  const lines: HeaderLine[] = [...headers];
  if (refusal.diagnostics) lines.push(['ms-diagnostics', diagnosticsValue(refusal.diagnostics, source)]);
  if (refusal.publicDiagnostics) lines.push(['ms-diagnostics-public', diagnosticsValue(refusal.publicDiagnostics, source)]);
  return createResponse(request, refusal.status, { reason: refusal.reason, headers: lines });
}

/** Value of `ms-diagnostics`: the id, who says it, why. */
export function diagnosticsValue(diagnostics: Diagnostics, source: string): string {
  return `${diagnostics.id};source=${quoted(source)};reason=${quoted(diagnostics.reason)}`;
}

/** Headers that a failure's status calls for: Retry-After, Min-Expires, Unsupported, Allow, Allow-Events, Accept, Accept-Encoding. */
export function headersOfFailure(of: Failure, allowedMethods: string): readonly HeaderLine[] {
  switch (of.code) {
    case 'SERVER_BUSY':
    case 'NO_ROOM_FOR_MESSAGE':
    case 'TOO_MANY_CONNECTIONS':
    case 'PEER_UNREACHABLE':
    case 'WORKER_AWAY':
    case 'SERVER_STOPPING':
      return [['Retry-After', '5']];
    case 'CREDENTIALS_BACK_OFF':
      return [['Retry-After', String(of.details.seconds)]];
    case 'BINDING_EXPIRY_TOO_BRIEF':
    case 'EVENT_EXPIRY_TOO_BRIEF':
      return [['Min-Expires', String(of.details.min)]];
    case 'EXTENSION_NOT_SUPPORTED':
      return [['Unsupported', String(of.details.extension)]];
    case 'EVENT_NOT_SUPPORTED':
      return [['Allow-Events', String(of.details.supported)]];
    case 'CONTENT_TYPE_NOT_SUPPORTED':
      return [['Accept', String(of.details.supported)]];
    case 'CONTENT_ENCODING_NOT_SUPPORTED':
      return [['Accept-Encoding', String(of.details.supported)]];
    case 'METHOD_NOT_SUPPORTED':
      return [['Allow', allowedMethods]];
    default:
      return [];
  }
}

/** Of those headers what an Edge tells a peer outside: what is wrong with the request itself, and when to come again. Never a reason of ours. */
export function headersForOutside(of: Failure): readonly HeaderLine[] {
  switch (of.code) {
    case 'EXTENSION_NOT_SUPPORTED':
    case 'SERVER_BUSY':
    case 'NO_ROOM_FOR_MESSAGE':
      return headersOfFailure(of, '');
    default:
      return [];
  }
}
