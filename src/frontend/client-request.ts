import type { TenantConfiguration } from '../model/configuration.ts';
import type { User } from '../model/user.ts';
import type { TenantClass } from '../policy/domain-class.ts';
import { RoutedRequest } from '../routing/routed-request.ts';
import type { DialogPath } from './dialog-route.ts';

/** A client's request on its way through the pipeline; the steps fill in what they find out. */
export class ClientRequest extends RoutedRequest<DialogPath> {
  /** Set by the step `authentication`. */
  sender: User = undefined as never;
  tenant: TenantConfiguration = undefined as never;
  /** Set by the step `destination` when another tenant of the deployment has the word. */
  crossing: TenantClass | undefined;

  override get payer(): string | undefined {
    return (this.sender as User | undefined)?.id;
  }
}
