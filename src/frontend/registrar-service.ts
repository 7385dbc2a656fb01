import type { Clock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import type { SentBy } from '../flow/sent-by.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import { effectivePolicy } from '../model/effective-policy.ts';
import { registrarConfiguration } from '../model/kinds/registrar-configuration.ts';
import { readTo } from '../routing/request-address.ts';
import { answered, refuse } from '../routing/step.ts';
import type { Registrar } from '../services/registrar/registrar.ts';
import { createResponse } from '../sip/create-message.ts';
import type { BindingShare } from './binding-share.ts';
import type { ClientRequest } from './client-request.ts';
import type { DecisionParts } from './decision-parts.ts';
import { registrationHeaders } from './registration-answer.ts';
import type { Service } from './services.ts';

/** What registration works with. */
export interface RegistrarParts extends Pick<DecisionParts, 'configuration'> {
  readonly clock: Clock;
  /** The names of this server: some clients register with it and not with their domain. */
  readonly fqdn: string;
  readonly clientSide: SentBy;
  readonly registrar: Registrar;
  readonly authenticator: Authenticator;
  /** What other workers know of our bindings; absent where there is one worker only. */
  readonly share?: BindingShare | undefined;
}

/** Who asks an address asks whoever listens there. */
const ipAddress = /^(?:\[[^\]]+\]|\d+(?:\.\d+){3})$/;

/** Serves REGISTER (rfc3261 10.3): for one's own address only, then the identity is proven on the flow until it expires (D2). */
export function registrarService(parts: RegistrarParts): Service<ClientRequest> {
  return {
    name: 'registrar',
    claims: ({ method }) => method === 'REGISTER',
    serve(context) {
      const { request, sender, flow, target } = context;
      const to = readTo(request);
      if (!to.ok) return refuse(to.error);
      // third-party registration (rfc3261 10.2) would let one user take another's calls
      if (to.value.aor !== sender.aor)
        return refuse(failure('FROM_NOT_AUTHENTICATED', { from: to.value.aor ?? to.value.domain }));
      // rfc3261 10.3 step 5: the domain asked knows nothing of users of another
      const isHere = [to.value.domain, parts.fqdn, parts.clientSide.host].some(name => name === target.domain);
      if (!isHere && !ipAddress.test(target.domain)) return refuse(failure('USER_UNKNOWN', { user: sender.aor }));
      const limits = effectivePolicy(registrarConfiguration, parts.configuration.current, sender).policy;
      const registered = parts.registrar.register(sender, request, flow.id, limits);
      if (!registered.ok) return refuse(registered.error);
      const now = parts.registrar.nowMs;
      const ownExpiry = registered.value.filter(binding => binding.flow === flow.id).map(binding => binding.expiresAtMs);
      if (ownExpiry.length > 0) parts.authenticator.authenticate(flow, sender, (Math.max(...ownExpiry) - now) / 1000);
      else flow.proofs.revoke(sender.aor);
      const answer = {
        request,
        flow: flow.id,
        bindings: registered.value,
        nowMs: now,
        dateMs: parts.clock.now(),
      };
      const response = createResponse(request, 200, { headers: registrationHeaders(answer) });
      if (parts.share) parts.share.whenKnown(() => context.transaction.respond(response));
      else context.transaction.respond(response);
      return answered;
    },
  };
}
