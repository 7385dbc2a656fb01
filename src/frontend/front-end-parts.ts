import type { Clock } from '../base/clock.ts';
import type { RouteSeal } from '../dialog/route-seal.ts';
import type { DigestAuthenticator } from '../identity/digest-authenticator.ts';
import type { Configuration } from '../model/configuration.ts';
import type { Aor } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { DomainClassifier } from '../routing/domain-classifier.ts';
import type { SentBy } from '../routing/forward.ts';
import type { RelayTable } from '../routing/relay-table.ts';
import type { PresenceService } from '../services/presence/presence-service.ts';
import type { Registrar } from '../services/registrar/registrar.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { Connection } from '../wire/connection.ts';
import type { ClientSessions } from './client-session.ts';
import type { EdgeTrunk } from './edge-trunk.ts';
import type { FrontEndLog } from './front-end-log.ts';
import type { NotifyPorts } from './notify-ports.ts';

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
  readonly log: FrontEndLog;
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
