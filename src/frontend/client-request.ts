import type { TenantConfiguration } from '../model/configuration.ts';
import type { Aor } from '../model/names.ts';
import type { User } from '../model/user.ts';
import { DecisionTrace } from '../observe/decision-trace.ts';
import type { TenantClass } from '../policy/domain-class.ts';
import type { AddressedParty } from '../routing/request-address.ts';
import type { SipRequest } from '../sip/message.ts';
import type { NameAddress } from '../sip/name-address.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Connection } from '../wire/connection.ts';
import type { ClientSession } from './client-session.ts';
import type { DialogRoute } from './dialog-route.ts';

/** A client's request on its way through the pipeline; the steps fill in what they find out. */
export class ClientRequest {
  readonly transaction: ServerTransaction<Connection>;
  readonly request: SipRequest;
  readonly session: ClientSession;
  readonly trace = new DecisionTrace();
  /** Set by the step `shape`. */
  from: AddressedParty & { readonly aor: Aor; readonly address: NameAddress } = undefined as never;
  /** Whom it is for: the user of the request URI, inside a dialog the end it goes to. */
  target: AddressedParty = undefined as never;
  /** Set inside a dialog. */
  dialog: DialogRoute | undefined;
  /** Set by the step `authentication`. */
  sender: User = undefined as never;
  tenant: TenantConfiguration = undefined as never;
  /** Set by the step `destination` when another tenant of the deployment has the word. */
  crossing: TenantClass | undefined;

  constructor(transaction: ServerTransaction<Connection>, session: ClientSession) {
    this.transaction = transaction;
    this.request = transaction.request;
    this.session = session;
  }
}
