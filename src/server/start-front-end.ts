import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { randomFraction, randomToken } from '../base/random.ts';
import { ok, type Result } from '../base/result.ts';
import { loadKeyPair } from '../certificates/key-pair-file.ts';
import { ConfigurationSource } from '../directory/configuration-source.ts';
import { UserDirectory } from '../directory/user-directory.ts';
import { ClientSessions } from '../frontend/client-session.ts';
import { FrontEnd } from '../frontend/front-end.ts';
import { CredentialCache } from '../identity/credential-cache.ts';
import { CredentialSealer } from '../identity/credential-sealer.ts';
import { DigestAuthenticator } from '../identity/digest-authenticator.ts';
import { GuessLimiters } from '../identity/guess-limiter.ts';
import { SealKeys } from '../identity/seal-keys.ts';
import type { ServerLog } from '../observe/server-log.ts';
import type { CountingResolver } from '../resolve/federation-resolver.ts';
import { DomainClassifier } from '../routing/domain-classifier.ts';
import { trunkOpener } from '../routing/open-trunk.ts';
import { PresenceService } from '../services/presence/presence-service.ts';
import { rulesOfBlockList } from '../services/presence/watchers.ts';
import { BindingWriter } from '../services/registrar/binding-writer.ts';
import { Registrar } from '../services/registrar/registrar.ts';
import type { Store } from '../store/store.ts';
import type { TlsIdentity } from '../wire/listener.ts';
import { openFederationResolver } from './federation-dns.ts';
import { openFrontEndListeners } from './front-end-listeners.ts';
import { startFrontEndManagement } from './front-end-management.ts';
import { type InternalIdentity, loadInternalIdentity } from './internal-identity.ts';
import { userMetrics } from './metrics/front-end-metrics.ts';
import { measureStore } from './metrics/measured-store.ts';
import { openHealthListener } from './metrics/open-health-listener.ts';
import { ServerMetrics } from './metrics/server-metrics.ts';
import { configurationMetrics, dnsMetrics, trafficMetrics, trunkMetrics } from './metrics/traffic-metrics.ts';
import { openStore } from './open-store.ts';
import { productVersion } from './product-version.ts';
import { frontEndLog } from './role-log.ts';
import { openRouteSeal } from './route-key-file.ts';
import { Closers, type RunningServer } from './running-server.ts';
import type { FrontEndServerConfiguration } from './server-configuration.ts';
import { frontEndReadiness } from './store-readiness.ts';

/** Everything a Front End process holds before it opens its ports. */
export interface FrontEndAssembly {
  readonly configuration: FrontEndServerConfiguration;
  readonly clock: Clock;
  readonly log: ServerLog;
  readonly store: Store;
  readonly source: ConfigurationSource;
  readonly directory: UserDirectory;
  readonly resolver: CountingResolver;
  readonly sealer: CredentialSealer;
  readonly internal: InternalIdentity;
  readonly clientIdentity: TlsIdentity;
  readonly frontEnd: FrontEnd;
  readonly metrics: ServerMetrics;
  readonly closers: Closers;
}

/** Starts a Front End: store, directory, registrar, listeners, replication to the Edges, management API. */
export async function startFrontEnd(
  configuration: FrontEndServerConfiguration,
  clock: Clock,
  log: ServerLog,
): Promise<Result<RunningServer>> {
  const closers = new Closers();
  const started = await assembleAndOpen(configuration, clock, log, closers);
  if (!started.ok) await closers.closeAll();
  return started;
}

async function assembleAndOpen(
  configuration: FrontEndServerConfiguration,
  clock: Clock,
  log: ServerLog,
  closers: Closers,
): Promise<Result<RunningServer>> {
  const assembly = await assemble(configuration, clock, log, closers);
  if (!assembly.ok) return assembly;
  const listeners = await openFrontEndListeners(assembly.value);
  if (!listeners.ok) return listeners;
  const management = await startFrontEndManagement(assembly.value);
  if (!management.ok) return management;
  const health = await openHealthListener(configuration, assembly.value.metrics, frontEndReadiness(assembly.value), closers);
  if (!health.ok) return health;
  return ok({
    listening: { role: 'frontend', name: configuration.name, ...listeners.value, api: management.value.url, ...health.value },
    close: () => closers.closeAll(),
  });
}

async function assemble(
  configuration: FrontEndServerConfiguration,
  clock: Clock,
  log: ServerLog,
  closers: Closers,
): Promise<Result<FrontEndAssembly>> {
  const { name, pool, dataFolder, client } = configuration;
  const internal = await loadInternalIdentity(configuration.internal, [name, pool], clock);
  if (!internal.ok) return internal;
  const clientKeys = await loadKeyPair({ ...client, requiredNames: [pool] }, clock);
  if (!clientKeys.ok) return clientKeys;
  const keys = SealKeys.open(join(dataFolder, 'secrets', 'seal-keys.json'));
  if (!keys.ok) return keys;
  const opened = await openStore(configuration, clock);
  if (!opened.ok) return opened;
  const metrics = new ServerMetrics('frontend', productVersion, clock);
  closers.add(() => metrics.close());
  const { store, metrics: storeMetrics } = measureStore(opened.value, clock);
  closers.add(() => store.close());
  const source = await ConfigurationSource.open(store, clock);
  const directory = await UserDirectory.open(store, clock);
  closers.add(() => {
    source.close();
    directory.close();
  });
  const resolver = openFederationResolver(configuration, clock);
  const sealer = new CredentialSealer(keys.value);
  const base = {
    configuration,
    clock,
    log,
    store,
    source,
    directory,
    resolver,
    sealer,
    internal: internal.value,
    metrics,
    closers,
  };
  const frontEnd = await assembleRole(base);
  const { transactions } = frontEnd.traffic;
  metrics.add(
    ...trafficMetrics(transactions),
    ...trunkMetrics(() => ({ edge: frontEnd.traffic.edgeConnections })),
    ...dnsMetrics(resolver.counts),
    ...configurationMetrics(() => source.current.version),
    ...storeMetrics,
  );
  metrics.certificate('client', clientKeys.value.notAfterMs);
  metrics.certificate('internal', internal.value.keyPair.notAfterMs);
  const clientIdentity = { cert: clientKeys.value.chainPem, key: clientKeys.value.keyPem };
  return ok({ ...base, clientIdentity, frontEnd });
}

type Base = Omit<FrontEndAssembly, 'frontEnd' | 'clientIdentity'>;

async function assembleRole(base: Base): Promise<FrontEnd> {
  const { configuration, clock, log, store, source, directory, resolver, internal, closers } = base;
  const { name, pool, client, trunk } = configuration;
  const credentials = new CredentialCache(ids => store.readCredentials(ids), base.sealer);
  const presence = new PresenceService({ clock, rules: { rulesOf: aor => rulesOfBlockList(directory.find(aor)) } });
  closers.add(() => presence.close());
  const registrar = await openRegistrar(base, presence);
  base.metrics.add(...userMetrics(directory, registrar, presence));
  const frontEnd = new FrontEnd({
    clock,
    fqdn: name,
    clientSide: { transport: 'TLS', host: pool, port: client.port },
    trunkSide: { transport: 'TLS', host: name, port: trunk.port },
    configuration: source,
    directory,
    classifier: new DomainClassifier(resolver, randomFraction),
    authenticator: new DigestAuthenticator(
      clock,
      aor => directory.find(aor),
      credentials,
      new GuessLimiters(clock),
      client.digestAlgorithms,
    ),
    registrar,
    presence,
    sessions: new ClientSessions(clock),
    routeSeal: openRouteSeal(configuration.dataFolder),
    log: frontEndLog(log, base.metrics.refusals),
    openTrunk: handler => trunkOpener({ clock, resolver, identity: () => internal.tls, verifier: internal.verifier, handler }),
  });
  directory.onChanged((before, after) => {
    if (before) frontEnd.userChanged(before, after);
  });
  closers.add(() => frontEnd.close());
  return frontEnd;
}

/** Bindings of an earlier start are dead: their connections were this process's (D21). */
async function openRegistrar({ configuration, clock, store, log, closers }: Base, presence: PresenceService): Promise<Registrar> {
  const node = { node: configuration.name as string, incarnation: randomToken(8) };
  const writer = new BindingWriter(store, clock, failed => log.failure('bindings-not-written', failed));
  closers.add(() => writer.flush());
  const forgotten = await store.forgetIncarnations(node.node, node.incarnation);
  if (!forgotten.ok) log.failure('bindings-not-forgotten', forgotten.error);
  return new Registrar(clock, node, {
    onBound: binding => {
      writer.bound(binding);
      presence.onBound(binding);
    },
    onUnbound: binding => {
      writer.unbound(binding);
      presence.onUnbound(binding);
    },
  });
}
