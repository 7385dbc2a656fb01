import type { TenantConfiguration } from '../model/configuration.ts';
import { RoutedRequest } from '../routing/routed-request.ts';
import type { EdgeTrust } from '../routing/trust-header.ts';
import type { DialogPath } from './dialog-route.ts';

/** A request that came from an Edge, on its way through the pipeline. */
export class TrunkRequest extends RoutedRequest<DialogPath> {
  /** Set by the step `source`. */
  trust: EdgeTrust = undefined as never;
  tenant: TenantConfiguration | undefined;
}
