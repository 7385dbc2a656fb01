import type { TenantConfiguration } from '../model/configuration.ts';
import type { Aor } from '../model/names.ts';
import { DecisionTrace } from '../observe/decision-trace.ts';
import type { RoutableClass } from '../policy/domain-class.ts';
import type { AddressedParty } from '../routing/request-address.ts';
import type { SipRequest } from '../sip/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Connection } from '../wire/connection.ts';
import type { DialogRoute } from './dialog-route.ts';

/** A Front End's request on its way out; the steps fill in what they find out. */
export class InsideRequest {
  readonly transaction: ServerTransaction<Connection>;
  readonly request: SipRequest;
  readonly connection: Connection;
  readonly trace = new DecisionTrace();
  /** Set by the step `shape`. */
  from: AddressedParty & { readonly aor: Aor } = undefined as never;
  /** Whom it is for: the user of the request URI, inside a dialog the one of To at the dialog's partner. */
  target: AddressedParty = undefined as never;
  /** Set inside a dialog whose Route is ours. */
  dialog: DialogRoute | undefined;
  /** Set by the step `destination`. */
  tenant: TenantConfiguration = undefined as never;
  domainClass: RoutableClass = undefined as never;

  constructor(transaction: ServerTransaction<Connection>) {
    this.transaction = transaction;
    this.request = transaction.request;
    this.connection = transaction.connection;
  }
}
