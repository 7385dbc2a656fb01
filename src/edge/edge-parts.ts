import type { Clock } from '../base/clock.ts';
import type { RouteSeal } from '../dialog/route-seal.ts';
import type { Flow } from '../flow/flow.ts';
import type { SentBy } from '../flow/sent-by.ts';
import type { Configuration } from '../model/configuration.ts';
import type { Fqdn } from '../model/names.ts';
import type { DomainClassifier } from '../routing/domain-classifier.ts';
import type { RelayTable } from '../routing/relay-table.ts';
import type { RoleLog } from '../routing/role-log.ts';
import type { TrunkPool } from '../routing/trunk-pool.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { NewDomainLimiter } from './new-domain-limiter.ts';
import type { OwnPool } from './own-pool.ts';
import type { EdgeOwners } from './request-owners.ts';

/** What the steps of an Edge work with; made once when it starts. */
export interface EdgeParts {
  readonly clock: Clock;
  /** FQDN of this Edge computer on the inside: the `source` of diagnostics. */
  readonly fqdn: Fqdn;
  readonly outsideSide: SentBy;
  readonly insideSide: SentBy;
  /** From the last snapshot; closed while there is none. */
  readonly configuration: { readonly current: Configuration };
  readonly classifier: DomainClassifier;
  readonly layer: TransactionLayer<Flow>;
  /** Connections we open to partners. */
  readonly partners: TrunkPool<Flow>;
  /** Connections we open to our next hop. */
  readonly frontEnds: TrunkPool<Flow>;
  readonly newDomains: NewDomainLimiter;
  readonly ownPool: OwnPool;
  /** Who answers for the requests that are under way. */
  readonly owners: EdgeOwners;
  /** Seals the routes of dialogs. */
  readonly routeSeal: RouteSeal;
  /** INVITEs under way, for CANCEL. */
  readonly relays: RelayTable<Flow>;
  readonly log: RoleLog;
}

/** Methods that may pass; which of them cross between organisations, and when, is policy. */
export const allowedMethods = 'MESSAGE, OPTIONS, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, INFO, REFER, SUBSCRIBE, NOTIFY';
