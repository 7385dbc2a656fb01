import type { TenantConfiguration } from '../model/configuration.ts';
import type { RoutableClass } from '../policy/domain-class.ts';
import { readRequestUri, readTo } from '../routing/request-address.ts';
import { RoutedRequest } from '../routing/routed-request.ts';
import type { CrossingPath } from './dialog-route.ts';

/** A Front End's request on its way out; the steps fill in what they find out. */
export class InsideRequest extends RoutedRequest<CrossingPath> {
  /** Set by the step `destination`. */
  tenant: TenantConfiguration = undefined as never;
  domainClass: RoutableClass = undefined as never;

  /** The domain it goes to: what waits for one partner leaves places for those who write to others. */
  override get payer(): string | undefined {
    const target = this.inDialog ? readTo(this.request) : readRequestUri(this.request);
    return target.ok ? target.value.domain : undefined;
  }
}
