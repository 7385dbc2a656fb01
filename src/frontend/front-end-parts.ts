import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import type { RouteSeal } from '../dialog/route-seal.ts';
import type { DigestAuthenticator } from '../identity/digest-authenticator.ts';
import type { Configuration } from '../model/configuration.ts';
import type { Aor } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { DomainClassifier } from '../routing/domain-classifier.ts';
import type { SentBy } from '../routing/forward.ts';
import type { RelayTable } from '../routing/relay-table.ts';
import type { RoleLog } from '../routing/role-log.ts';
import type { PresenceService } from '../services/presence/presence-service.ts';
import type { Registrar } from '../services/registrar/registrar.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { Connection } from '../wire/connection.ts';
import type { BindingShare } from './binding-share.ts';
import type { ClientRequest } from './client-request.ts';
import type { ClientSessions } from './client-session.ts';
import type { EdgeTrunk } from './edge-trunk.ts';
import type { NotifyPorts } from './notify-ports.ts';
import type { PresenceHomes } from './presence-homes.ts';
import type { TrunkRequest } from './trunk-request.ts';

/** How requests are refused, as by a step of their pipeline. */
export interface Refusals {
  ofClient(context: ClientRequest, why: Failure, step: string): void;
  ofTrunk(context: TrunkRequest, why: Failure, step: string): void;
}

/** What the steps of a Front End work with; made once when it starts. */
export interface FrontEndParts {
  readonly clock: Clock;
  /** FQDN of this Front End: the `source` of diagnostics. */
  readonly fqdn: string;
  /** How we name ourselves in Via towards clients and towards servers. */
  readonly clientSide: SentBy;
  readonly trunkSide: SentBy;
  readonly configuration: { readonly current: Configuration };
  readonly directory: { find(aor: Aor): User | undefined };
  readonly classifier: DomainClassifier;
  readonly authenticator: DigestAuthenticator;
  readonly registrar: Registrar;
  readonly presence: PresenceService;
  readonly notifyPorts: NotifyPorts;
  /** Seals the routes of dialogs. */
  readonly routeSeal: RouteSeal;
  /** INVITEs under way, for CANCEL. */
  readonly relays: RelayTable<Connection>;
  readonly sessions: ClientSessions;
  readonly layer: TransactionLayer<Connection>;
  readonly edges: EdgeTrunk;
  /** What other workers know of our bindings; absent where there is one worker only, as is `homes`. */
  readonly share?: BindingShare | undefined;
  /** Where the presence of users is kept whose home is another worker. */
  readonly homes?: PresenceHomes | undefined;
  /** Refusals that come after the steps of a request are done. */
  readonly refusals: Refusals;
  readonly log: RoleLog;
}

/** Methods served here; anything else is answered 405. */
export const servedMethods: ReadonlySet<string> = new Set([
  'REGISTER',
  'MESSAGE',
  'OPTIONS',
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'UPDATE',
  'PRACK',
  'INFO',
  'REFER',
  'SUBSCRIBE',
  'NOTIFY',
  'PUBLISH',
]);

/** The same for an Allow header. */
export const allowedMethods = [...servedMethods].join(', ');
