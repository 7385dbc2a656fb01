import { type Failure, failure } from '../base/failure.ts';
import type { TenantClass } from '../policy/domain-class.ts';
import { refuseInside, refuseOutside } from '../policy/refusal.ts';
import { answerRefusal, diagnosticsValue, headersOfFailure } from '../routing/answer.ts';
import { backwardResponse } from '../routing/forward.ts';
import { strippedFromAnswer } from '../routing/header-ownership.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest } from '../sip/message.ts';
import type { DeliveryAnswers } from './delivery.ts';
import { methodsForOutside } from './served-methods.ts';

/**
 * The answers of another tenant as its sender gets them: what crosses between two organisations, and our word that no reason came with it
 * (D16). The other tenant's own reason stays in the log.
 */
export function tenantAnswers(fqdn: string, request: SipRequest, { domain }: TenantClass): DeliveryAnswers {
  return {
    backward: response => {
      const isSilent = response.status >= 400 && !response.has('ms-diagnostics-public');
      const said = isSilent ? [silenceLine(fqdn, domain, response.status)] : undefined;
      return backwardResponse(response, strippedFromAnswer('client → tenant', response), said);
    },
    refused: (why: Failure) => {
      const refusal = refuseOutside(why, 'stranger');
      const headers = [...headersOfFailure(why, methodsForOutside), silenceLine(fqdn, domain, refusal.status)];
      return answerRefusal(request, refusal, fqdn, headers);
    },
  };
}

function silenceLine(fqdn: string, domain: string, status: number): HeaderLine {
  const { diagnostics } = refuseInside(failure('PEER_GAVE_NO_DIAGNOSTICS', { domain, status }));
  if (diagnostics === undefined) throw new Error('PEER_GAVE_NO_DIAGNOSTICS has no diagnostics');
  return ['ms-diagnostics', `${diagnosticsValue(diagnostics, fqdn)};Domain="${domain}"`];
}
