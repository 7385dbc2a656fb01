import { type Failure, failure } from '../base/failure.ts';
import type { Configuration, TenantConfiguration } from '../model/configuration.ts';
import type { Fqdn } from '../model/names.ts';
import type { DecisionTrace } from '../observe/decision-trace.ts';
import { type DomainClass, failureOfClass } from './domain-class.ts';
import { type FederatedRequest, mayCross, requestTypeOf } from './method-permission.ts';
import { traceStep } from './trace-steps.ts';

/** The switch over all federation: the deployment's and the tenant's must both be on (D17). */
export function decideSwitch(
  configuration: Configuration,
  tenant: TenantConfiguration,
  trace: DecisionTrace,
): Failure | undefined {
  if (!configuration.accessEdge.allowFederatedUsers) {
    return trace.refuse(traceStep.switch, failure('FEDERATION_SWITCHED_OFF'), tenant);
  }
  if (!tenant.federation.allowFederatedUsers) {
    return trace.refuse(traceStep.switch, failure('TENANT_FEDERATION_SWITCHED_OFF', { tenant: tenant.name }), tenant);
  }
  trace.pass(traceStep.switch, tenant);
  return undefined;
}

/** Refuses what would cross an Edge pool that is not published for federation; one that is not in the topology refuses elsewhere. */
export function decideEdgePool(configuration: Configuration, edge: Fqdn | undefined, trace: DecisionTrace): Failure | undefined {
  const server = edge === undefined ? undefined : configuration.edgeServers.get(edge);
  if (edge === undefined || server === undefined) return undefined;
  if (!server.federationEnabled) return trace.refuse(traceStep.edge, failure('EDGE_FEDERATION_SWITCHED_OFF', { edge }), edge);
  trace.pass(traceStep.edge, edge);
  return undefined;
}

/** Refuses what the class of a domain refuses. */
export function decideClass(domainClass: DomainClass, trace: DecisionTrace): Failure | undefined {
  const refusal = failureOfClass(domainClass);
  if (refusal) return trace.refuse(traceStep.domainClass, refusal, domainClass);
  trace.pass(traceStep.domainClass, domainClass);
  return undefined;
}

/** Refuses types of requests that do not cross between organisations. */
export function decideRequestType(request: FederatedRequest, trace: DecisionTrace): Failure | undefined {
  if (!mayCross(request)) {
    return trace.refuse(
      traceStep.requestType,
      failure('REQUEST_TYPE_NOT_FEDERATED', { type: requestTypeOf(request), method: request.method }),
      request,
    );
  }
  trace.pass(traceStep.requestType, request);
  return undefined;
}
