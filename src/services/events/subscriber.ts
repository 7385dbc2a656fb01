import type { Aor, TenantId } from '../../model/names.ts';

/** Who subscribes: authenticated inside, or vouched for by an Edge. */
export interface Subscriber {
  readonly aor: Aor;
  /** `inside`: a user of the same tenant. `federated`: of another organisation, or of another tenant of the deployment. */
  readonly kind: 'inside' | 'federated';
  /** Tenant of the subscriber, where it is one of this deployment. */
  readonly tenant?: TenantId;
  readonly displayName?: string;
}
