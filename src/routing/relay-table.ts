import { createResponse } from '../sip/create-message.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest } from '../sip/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { TransactionConnection } from '../transaction/transaction-connection.ts';
import type { Relaying } from './relay.ts';

/** INVITEs on their way through us, so that they can be given up. */
export class RelayTable<C extends TransactionConnection> {
  readonly #relays = new WeakMap<ServerTransaction<C>, Relaying>();

  /** Notes where an INVITE has gone. */
  set(invite: ServerTransaction<C>, relaying: Relaying): void {
    this.#relays.set(invite, relaying);
  }

  /**
   * Gives an INVITE up (rfc3261 16.10): its branches are cancelled and end with 487 each, which then answers it. One that still waits
   * in a pipeline is answered 487 at once and goes nowhere.
   */
  cancel(invite: ServerTransaction<C>, headers?: readonly HeaderLine[]): void {
    const relaying = this.#relays.get(invite);
    if (relaying) relaying.cancel(headers);
    else invite.respond(createResponse(invite.request, 487));
  }
}

/** What a CANCEL says that its successors should say too: why (rfc3326 2). */
export function reasonOfCancel(cancel: SipRequest): readonly HeaderLine[] {
  return cancel.all('Reason').map((reason): HeaderLine => ['Reason', reason]);
}
