import { failure } from '../base/failure.ts';
import type { Authenticator, Challenge, SettledVerdict } from '../identity/authenticator.ts';
import type { User } from '../model/user.ts';
import type { RoleLog } from '../routing/role-log.ts';
import { answered, proceed, refuse, type Step, type StepOutcome, waitFor } from '../routing/step.ts';
import { createResponse } from '../sip/create-message.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import { maxConnectionsPerOwner } from '../wire/listener.ts';
import type { ClientRequest } from './client-request.ts';
import type { DecisionParts } from './decision-parts.ts';

/** A request other than REGISTER that brings credentials proves its identity for this long, seconds. */
const provenByRequestSeconds = 600;

/** What authentication works with. */
export interface AuthenticationParts extends Pick<DecisionParts, 'configuration' | 'directory'> {
  readonly authenticator: Authenticator;
  readonly log: RoleLog;
}

/**
 * Proves who sends: From has to be an identity of the flow, proven by an earlier REGISTER (D2), or the request has to bring credentials.
 * Users who were suspended or given another password since are asked anew.
 */
export function authenticationStep(parts: AuthenticationParts): Step<ClientRequest> {
  return {
    name: 'authentication',
    run: context => authenticate(parts, context),
  };
}

function authenticate(parts: AuthenticationParts, context: ClientRequest, waitedFor?: SettledVerdict): StepOutcome {
  const known = identityOnFlow(parts, context);
  if (known) return admit(parts, context, known);
  const isRegister = context.request.method === 'REGISTER';
  const credentials = [...context.request.all('Authorization'), ...context.request.all('Proxy-Authorization')];
  const { flow } = context;
  if (credentials.length === 0 && !isRegister && flow.proofs.authenticated) {
    return refuse(failure('FROM_NOT_AUTHENTICATED', { from: context.from.aor }));
  }
  const verdict =
    waitedFor ??
    parts.authenticator.check({
      flow,
      aor: context.from.aor,
      method: context.request.method,
      credentials,
    });
  switch (verdict.kind) {
    case 'accepted':
      if (!flow.markAuthenticated(verdict.user.id)) {
        return refuse(failure('TOO_MANY_CONNECTIONS', { owner: verdict.user.aor, limit: maxConnectionsPerOwner }));
      }
      if (!isRegister) parts.authenticator.authenticate(flow, verdict.user, provenByRequestSeconds);
      return admit(parts, context, verdict.user);
    case 'refused':
      return refuse(verdict.failure);
    case 'wait':
      return waitFor(verdict.verdict, settled => authenticate(parts, context, settled));
    case 'challenge':
      if (verdict.failure.code !== 'CREDENTIALS_REQUIRED') parts.log.refused(context.request, verdict.failure, 'authentication');
      return challenge(parts, context, verdict);
  }
}

/** The user behind From, if this flow has proven it and nothing has changed since. */
function identityOnFlow(parts: AuthenticationParts, context: ClientRequest): User | undefined {
  const { proofs } = context.flow;
  const identity = proofs.identity(context.from.aor);
  if (!identity) return undefined;
  const user = parts.directory.find(context.from.aor);
  if (user?.id === identity.user && user.credentialVersion === identity.credentialVersion) return user;
  proofs.revoke(context.from.aor);
  return undefined;
}

function admit(parts: AuthenticationParts, context: ClientRequest, user: User): StepOutcome {
  if (!user.enabled) return refuse(failure('USER_SUSPENDED', { user: user.aor }));
  const tenant = parts.configuration.current.tenants.get(user.tenant);
  if (!tenant) return refuse(failure('USER_UNKNOWN', { user: user.aor }));
  context.sender = user;
  context.tenant = tenant;
  return proceed;
}

/** 401 from the registrar, 407 from the proxy (rfc3261 22.2, 22.3). */
function challenge(parts: AuthenticationParts, context: ClientRequest, verdict: Challenge): StepOutcome {
  const isRegister = context.request.method === 'REGISTER';
  const header = isRegister ? 'WWW-Authenticate' : 'Proxy-Authenticate';
  const challenges = parts.authenticator.challenges(context.flow, context.from.aor, verdict);
  const headers = challenges.map((value): HeaderLine => [header, value]);
  context.transaction.respond(createResponse(context.request, isRegister ? 401 : 407, { headers }));
  return answered;
}
