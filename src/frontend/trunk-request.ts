import type { TenantConfiguration } from '../model/configuration.ts';
import type { Aor } from '../model/names.ts';
import { DecisionTrace } from '../observe/decision-trace.ts';
import type { AddressedParty } from '../routing/request-address.ts';
import type { EdgeTrust } from '../routing/trust-header.ts';
import type { SipRequest } from '../sip/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Connection } from '../wire/connection.ts';
import type { DialogRoute } from './dialog-route.ts';

/** A request that came from an Edge, on its way through the pipeline. */
export class TrunkRequest {
  readonly transaction: ServerTransaction<Connection>;
  readonly request: SipRequest;
  readonly connection: Connection;
  readonly trace = new DecisionTrace();
  /** Set by the step `shape`. */
  from: AddressedParty & { readonly aor: Aor } = undefined as never;
  /** Whom it is for: the user of the request URI, inside a dialog the end it goes to. */
  target: AddressedParty = undefined as never;
  /** Set inside a dialog. */
  dialog: DialogRoute | undefined;
  /** Set by the step `source`. */
  trust: EdgeTrust = undefined as never;
  tenant: TenantConfiguration | undefined;

  constructor(transaction: ServerTransaction<Connection>) {
    this.transaction = transaction;
    this.request = transaction.request;
    this.connection = transaction.connection;
  }
}
