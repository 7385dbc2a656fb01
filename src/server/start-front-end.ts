import { rmSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { randomFraction, randomToken } from '../base/random.ts';
import { ok, type Result } from '../base/result.ts';
import { SealedCredentials } from '../directory/sealed-credentials.ts';
import { BindingShare } from '../frontend/binding-share.ts';
import { FrontEnd } from '../frontend/front-end.ts';
import { FrontEndOwners } from '../frontend/request-owners.ts';
import { Authenticator } from '../identity/authenticator.ts';
import { CredentialCache } from '../identity/credential-cache.ts';
import { CredentialSealer } from '../identity/credential-sealer.ts';
import { DigestScheme } from '../identity/digest-scheme.ts';
import { GuessLimiters } from '../identity/guess-limiter.ts';
import type { ManagementApi } from '../management/http-api/management-api.ts';
import type { Aor } from '../model/names.ts';
import { DomainClassifier } from '../routing/domain-classifier.ts';
import { trunkOpener } from '../routing/open-trunk.ts';
import { Notifier } from '../services/events/notifier.ts';
import { PresenceService } from '../services/presence/presence-service.ts';
import { watcherSource } from '../services/presence/watcher-source.ts';
import { BindingWriter } from '../services/registrar/binding-writer.ts';
import { Registrar, type RegistrarListener } from '../services/registrar/registrar.ts';
import type { Store } from '../store/store.ts';
import { branchMark } from '../workers/flow-name.ts';
import { WorkerMesh } from '../workers/worker-mesh.ts';
import { CertificateWatch } from './certificate-watch.ts';
import { openFederationResolver } from './federation-dns.ts';
import type { FrontEndAssembly } from './front-end-assembly.ts';
import { type OpenFrontEndPorts, openFrontEndListeners } from './front-end-listeners.ts';
import { startFrontEndManagement } from './front-end-management.ts';
import type { FrontEndState } from './front-end-state.ts';
import { loadInternalIdentity } from './internal-identity.ts';
import { LiveIdentity } from './live-identity.ts';
import { userMetrics } from './metrics/front-end-metrics.ts';
import { logMetrics, logProblems } from './metrics/log-metrics.ts';
import { openHealthListener } from './metrics/open-health-listener.ts';
import { ServerMetrics } from './metrics/server-metrics.ts';
import { configurationMetrics, dnsMetrics, trafficMetrics, trunkMetrics } from './metrics/traffic-metrics.ts';
import { productVersion } from './product-version.ts';
import { requestSizes } from './request-sizes.ts';
import { roleLog } from './role-log.ts';
import { openRouteSeal } from './route-key-file.ts';
import type { RunningServer } from './running-server.ts';
import { openSealKeys } from './seal-key-file.ts';
import type { FrontEndServerConfiguration } from './server-configuration.ts';
import { sharedBindings } from './shared-bindings.ts';
import { sharedGuesses } from './shared-guesses.ts';
import { frontEndReadiness } from './store-readiness.ts';
import { WorkerCrew } from './worker-crew.ts';
import { workerFolder } from './worker-seat.ts';

/** What a Front End process is assembled from. */
export interface FrontEndStart extends Pick<FrontEndAssembly, 'configuration' | 'clock' | 'log' | 'closers' | 'seat'> {
  readonly state: FrontEndState;
  /** Read from the store where the first worker has not said so. */
  readonly awaited?: readonly Aor[] | undefined;
}

/** Starts a Front End on what its store holds: registrar, further workers, listeners, replication to the Edges, management API. */
export async function startFrontEnd(start: FrontEndStart): Promise<Result<RunningServer>> {
  if (start.configuration.workers > 1) return startWithCrew(start);
  const assembly = await assembleFrontEnd(start);
  if (!assembly.ok) return assembly;
  const listeners = await openFrontEndListeners(assembly.value);
  if (!listeners.ok) return listeners;
  const management = await startFrontEndManagement(assembly.value);
  if (!management.ok) return management;
  return running(assembly.value, listeners.value, management.value);
}

/** The first of several workers: it owns the store, and is the last to open the ports that they share. */
async function startWithCrew(start: FrontEndStart): Promise<Result<RunningServer>> {
  const { configuration, clock, log, closers } = start;
  const { dataFolder, workers } = configuration;
  const boot = randomToken(8);
  const folder = workerFolder(dataFolder);
  closers.add(() => rmSync(folder, { recursive: true, force: true }));
  const place = { slot: 0, workers, folder };
  const assembly = await assembleFrontEnd({ ...start, seat: { place, incarnation: boot } });
  if (!assembly.ok) return assembly;
  const { awaited } = assembly.value;
  const crew = new WorkerCrew({ configuration, place, boot, clock, log, awaited, store: start.state.uncounted });
  closers.add(() => crew.close());
  assembly.value.metrics.joinWith(() => crew.readMetrics());
  const withCrew = { ...assembly.value, crew };
  // the port that is not shared tells whether this server runs already
  const management = await startFrontEndManagement(withCrew);
  if (!management.ok) return management;
  const started = await crew.start();
  if (!started.ok) return started;
  const listeners = await openFrontEndListeners(withCrew);
  return listeners.ok ? running(withCrew, listeners.value, management.value) : listeners;
}

async function running(
  assembly: FrontEndAssembly,
  ports: OpenFrontEndPorts,
  { url: api }: ManagementApi,
): Promise<Result<RunningServer>> {
  const { configuration, metrics, closers } = assembly;
  const health = await openHealthListener(configuration, metrics, frontEndReadiness(assembly), closers);
  if (!health.ok) return health;
  closers.add(async () => {
    await assembly.farewell();
    // while the connections of this worker are still there for the last words of the others
    await assembly.crew?.close();
  });
  return ok({
    listening: { role: 'frontend', name: configuration.name, ...ports, api, ...health.value },
    close: () => closers.closeAll(),
  });
}

/** Makes everything but the open ports. */
export async function assembleFrontEnd({ state, awaited, ...start }: FrontEndStart): Promise<Result<FrontEndAssembly>> {
  const { configuration, clock, log, closers } = start;
  const { name, pool, dataFolder, client } = configuration;
  const metrics = new ServerMetrics('frontend', productVersion, clock);
  closers.add(() => metrics.close());
  const certificates = new CertificateWatch(clock, log);
  closers.add(() => certificates.close());
  metrics.remark(() => [...certificates.problems, ...logProblems(log)]);
  const keeping = { clock, certificates, metrics };
  const internal = await loadInternalIdentity(configuration.internal, [name, pool], keeping);
  if (!internal.ok) return internal;
  const clientIdentity = await LiveIdentity.open('client', { ...client, requiredNames: [pool] }, keeping);
  if (!clientIdentity.ok) return clientIdentity;
  const keys = await openSealKeys(dataFolder, state.store);
  if (!keys.ok) return keys;
  const resolver = openFederationResolver(configuration, clock);
  const sealer = new CredentialSealer(keys.value);
  const before = awaited ?? (await usersBefore(configuration, state.store, clock));
  const base = { ...start, ...state, awaited: before, resolver, sealer, internal: internal.value, metrics, certificates };
  const { frontEnd, farewell } = await assembleRole(base);
  const { transactions } = frontEnd.traffic;
  metrics.add(
    ...trafficMetrics(transactions),
    ...trunkMetrics(() => ({ edge: frontEnd.traffic.edgeConnections })),
    ...dnsMetrics(resolver.counts),
    ...configurationMetrics(() => state.source.current.version),
    ...state.storeMetrics,
    ...logMetrics(log),
    certificates.metric,
  );
  return ok({ ...base, clientIdentity: clientIdentity.value, frontEnd, farewell });
}

type Base = Omit<FrontEndAssembly, 'frontEnd' | 'farewell' | 'clientIdentity'>;

async function assembleRole(base: Base): Promise<Pick<FrontEndAssembly, 'frontEnd' | 'farewell'>> {
  const { configuration, clock, log, store, source, directory, resolver, internal, closers, seat } = base;
  const { name, pool, client, trunk } = configuration;
  const mesh = seat && new WorkerMesh(seat.place, clock);
  const mark = seat ? { branchMark: branchMark(seat.place.slot) } : {};
  const sealed = new SealedCredentials(store, directory, clock);
  closers.add(() => sealed.close());
  const credentials = new CredentialCache((ids, fresh) => sealed.read(ids, fresh), base.sealer);
  const { events, presence } = openPresence(base);
  const share: BindingShare | undefined = mesh && new BindingShare(mesh, clock, () => registrar);
  const { registrar, writer } = await openRegistrar(base, presence, share);
  const registered = {
    get count() {
      return mesh ? registrar.own.length : registrar.count;
    },
  };
  base.metrics.add(...userMetrics(directory, registered, presence, events));
  const owners = new FrontEndOwners(requestSizes(configuration.limits, seat?.place.workers));
  base.metrics.limits(...owners.limits);
  const frontEnd = new FrontEnd({
    clock,
    owners,
    fqdn: name,
    clientSide: { transport: 'TLS', host: pool, port: client.port, ...mark },
    trunkSide: { transport: 'TLS', host: name, port: trunk.port, ...mark },
    configuration: source,
    directory,
    classifier: new DomainClassifier(resolver, randomFraction),
    authenticator: new Authenticator(clock, [
      new DigestScheme(
        aor => directory.find(aor),
        credentials,
        mesh ? sharedGuesses(mesh, clock) : new GuessLimiters(clock),
        client.digestAlgorithms,
      ),
    ]),
    registrar,
    share,
    events,
    presence,
    routeSeal: openRouteSeal(configuration.dataFolder, clock, !seat || seat.place.slot === 0),
    log: roleLog(log, base.metrics.refusals),
    mesh,
    openTrunk: handler =>
      trunkOpener({ clock, resolver, identity: () => internal.identity.tls, verifier: internal.verifier, handler }),
  });
  directory.onChanged((before, after) => {
    if (before) frontEnd.userChanged(before, after);
  });
  closers.add(() => frontEnd.close());
  if (mesh) {
    closers.add(() => mesh.close());
    await mesh.open();
  }
  const farewell = async () => {
    await writer.end();
    await frontEnd.farewell();
  };
  return { frontEnd, farewell };
}

function openPresence({ clock, directory, source, awaited, closers }: Base) {
  const events = new Notifier(clock);
  closers.add(() => events.close());
  const presence = new PresenceService({ clock, events, rules: watcherSource(directory, source), awaited: new Set(awaited) });
  closers.add(() => presence.close());
  return { events, presence };
}

/** Bindings of an earlier start are dead: their connections were this process's (D21). The first worker's start ends those of all workers. */
async function openRegistrar(base: Base, presence: PresenceService, share: BindingShare | undefined) {
  const { configuration, clock, store, log, closers, seat } = base;
  const node = { node: configuration.name as string, incarnation: seat?.incarnation ?? randomToken(8) };
  const writer = new BindingWriter(store, clock, failed => log.failure('bindings-not-written', failed));
  closers.add(() => writer.flush());
  if (!seat || seat.place.slot === 0) {
    const forgotten = await store.forgetIncarnations(node.node, node.incarnation);
    if (!forgotten.ok) log.failure('bindings-not-forgotten', forgotten.error);
  }
  const listener: RegistrarListener =
    seat && share
      ? sharedBindings({ place: seat.place, writer, presence, share, isOwn: binding => registrar.isOwn(binding) })
      : {
          onBound: binding => {
            writer.bound(binding);
            presence.onBound(binding);
          },
          onUnbound: binding => {
            writer.unbound(binding);
            presence.onUnbound(binding);
          },
        };
  const registrar = new Registrar(clock, node, listener);
  return { registrar, writer };
}

/** Who was signed in here when the server stopped, and may be back at any moment. Throws FailureError when the store cannot be read. */
async function usersBefore({ name }: FrontEndServerConfiguration, store: Store, clock: Clock): Promise<readonly Aor[]> {
  const now = clock.now();
  const before = await store.readBindings();
  const own = before.filter(({ node, expiresAtMs }) => node === name && expiresAtMs > now);
  return [...new Set(own.map(({ aor }) => aor))];
}
