import type { TenantConfiguration } from '../model/configuration.ts';
import type { Aor } from '../model/names.ts';
import { DecisionTrace } from '../observe/decision-trace.ts';
import type { DomainClass } from '../policy/domain-class.ts';
import type { InboundRequest } from '../policy/inbound-decision.ts';
import type { OutsidePeer } from '../policy/refusal.ts';
import type { AddressedParty } from '../routing/request-address.ts';
import type { SipRequest } from '../sip/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Connection } from '../wire/connection.ts';
import type { DialogRoute } from './dialog-route.ts';

/** A partner's request on its way in; the steps fill in what they find out. */
export class OutsideRequest {
  readonly transaction: ServerTransaction<Connection>;
  readonly request: SipRequest;
  readonly connection: Connection;
  readonly trace = new DecisionTrace();
  /** Set by the step `shape`. */
  from: AddressedParty & { readonly aor: Aor } = undefined as never;
  /** Whom it is for: the user of the request URI, inside a dialog the one of To. */
  target: AddressedParty = undefined as never;
  /** Set inside a dialog whose Route is ours. */
  dialog: DialogRoute | undefined;
  inbound: InboundRequest = undefined as never;
  /** Set by the step `recipient's organisation`. */
  tenant: TenantConfiguration = undefined as never;
  /** Set by the step `sender's domain`. */
  domainClass: DomainClass = undefined as never;
  /** A stranger until its server is proved to speak for an allowed domain. */
  audience: OutsidePeer = 'stranger';

  constructor(transaction: ServerTransaction<Connection>) {
    this.transaction = transaction;
    this.request = transaction.request;
    this.connection = transaction.connection;
  }

  /** Names in the peer's verified certificate. */
  get peerNames(): readonly string[] {
    return this.connection.peer?.names ?? [];
  }
}
