import type { TenantConfiguration } from '../model/configuration.ts';
import type { DomainClass } from '../policy/domain-class.ts';
import type { InboundRequest } from '../policy/inbound-decision.ts';
import type { OutsidePeer } from '../policy/refusal.ts';
import { RoutedRequest } from '../routing/routed-request.ts';
import type { CrossingPath } from './dialog-route.ts';

/** A partner's request on its way in; the steps fill in what they find out. */
export class OutsideRequest extends RoutedRequest<CrossingPath> {
  /** Set by the step `shape`. */
  inbound: InboundRequest = undefined as never;
  /** Set by the step `recipient's organisation`. */
  tenant: TenantConfiguration = undefined as never;
  /** Set by the step `sender's domain`. */
  domainClass: DomainClass = undefined as never;
  /** A stranger until its server is proved to speak for an allowed domain. */
  audience: OutsidePeer = 'stranger';
}
