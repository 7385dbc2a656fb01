import type { Failure } from '../base/failure.ts';
import type { Aor, TenantId } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { SipRequest } from '../sip/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Connection } from '../wire/connection.ts';
import type { NotifyWay } from './notify-ports.ts';

/** A request for a service of ours that policy lets through. */
interface PermittedRequest {
  readonly request: SipRequest;
  readonly transaction: ServerTransaction<Connection>;
  /** Refuses it after all: for a reason that is found out later. */
  refuse(why: Failure): void;
}

/** A PUBLISH of a user's own presence. */
export interface PermittedPublish extends PermittedRequest {
  readonly user: User;
  /** The flow that it came over, to which the publication is tied. */
  readonly flow: string;
}

/** A SUBSCRIBE to a user of ours. */
export interface PermittedSubscribe extends PermittedRequest {
  readonly presentity: User;
  readonly via: NotifyWay;
  readonly subscriber: {
    readonly aor: Aor;
    readonly kind: 'inside' | 'federated';
    readonly tenant?: TenantId;
    readonly displayName?: string;
  };
}
