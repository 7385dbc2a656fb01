import type { TenantId } from '../model/names.ts';
import type { RoleName } from './role.ts';

/** What somebody may see and change: the whole deployment, or what one tenant has. */
export type TenantScope = { readonly kind: 'deployment' } | { readonly kind: 'tenant'; readonly tenant: TenantId };

/** For whom a command runs. */
export interface Principal {
  /** `token`: who holds a token of the API. */
  readonly kind: 'token';
  /** Under which it stands in the history. */
  readonly name: string;
  /** Address the command came from. */
  readonly from: string;
  readonly scope: TenantScope;
  readonly roles: readonly RoleName[];
}
