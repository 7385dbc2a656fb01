import type { Clock } from '../base/clock.ts';
import type { FrontEnd } from '../frontend/front-end.ts';
import type { CredentialSealer } from '../identity/credential-sealer.ts';
import type { Aor } from '../model/names.ts';
import type { ServerLog } from '../observe/server-log.ts';
import type { CountingResolver } from '../resolve/federation-resolver.ts';
import type { CertificateWatch } from './certificate-watch.ts';
import type { FrontEndState } from './front-end-state.ts';
import type { InternalIdentity } from './internal-identity.ts';
import type { LiveIdentity } from './live-identity.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import type { Closers } from './running-server.ts';
import type { FrontEndServerConfiguration } from './server-configuration.ts';
import type { WorkerCrew } from './worker-crew.ts';
import type { WorkerSeat } from './worker-seat.ts';

/** Everything a Front End process holds before it opens its ports. */
export interface FrontEndAssembly extends FrontEndState {
  readonly configuration: FrontEndServerConfiguration;
  readonly clock: Clock;
  readonly log: ServerLog;
  readonly resolver: CountingResolver;
  readonly sealer: CredentialSealer;
  readonly internal: InternalIdentity;
  readonly clientIdentity: LiveIdentity;
  readonly certificates: CertificateWatch;
  readonly frontEnd: FrontEnd;
  /** Users who were signed in when the server stopped, and may be back at any moment. */
  readonly awaited: readonly Aor[];
  /** Before the ports are closed: keeps in the store who is signed in, and sends watchers away in order. */
  farewell(): Promise<void>;
  readonly metrics: ServerMetrics;
  readonly closers: Closers;
  /** Among several workers this one's seat; absent where it is the only process. */
  readonly seat?: WorkerSeat | undefined;
  /** The further workers, in the first. */
  readonly crew?: WorkerCrew | undefined;
}
