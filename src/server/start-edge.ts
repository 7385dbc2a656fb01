import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { FailureError, failure } from '../base/failure.ts';
import { fileProblem } from '../base/file-problem.ts';
import { randomFraction } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';
import { requirePeerName } from '../certificates/names.ts';
import { Edge } from '../edge/edge.ts';
import { EdgeOwners } from '../edge/request-owners.ts';
import type { Readiness } from '../management/http-api/management-api.ts';
import { type Configuration, compileConfiguration } from '../model/configuration.ts';
import type { ServerLog } from '../observe/server-log.ts';
import { ProbeJob } from '../readiness/probe-job.ts';
import { runProbe } from '../readiness/probe-runner.ts';
import { type EnrolmentBundle, readEnrolmentBundle } from '../replication/enrolment.ts';
import { ReplicaReceiver } from '../replication/replica-receiver.ts';
import { SnapshotReplica } from '../replication/snapshot-replica.ts';
import { readVerifyKeys } from '../replication/snapshot-signature.ts';
import type { CountingResolver } from '../resolve/federation-resolver.ts';
import { DomainClassifier } from '../routing/domain-classifier.ts';
import { trunkOpener } from '../routing/open-trunk.ts';
import { partnerConnectionLimits, trunkConnectionLimits } from '../wire/connection.ts';
import { InboundBuffers } from '../wire/inbound-buffers.ts';
import { listenFailure, listenTls } from '../wire/listener.ts';
import type { PeerVerifier } from '../wire/peer-verifier.ts';
import { CertificateWatch } from './certificate-watch.ts';
import { clientConnectionLimits, connectionPlaces, trunksPerServer } from './connection-limits.ts';
import { takenEnrolmentFile } from './edge-enrolment.ts';
import { openFederationResolver } from './federation-dns.ts';
import { type InternalIdentity, loadInternalIdentity } from './internal-identity.ts';
import { LiveIdentity, openLiveTrust } from './live-identity.ts';
import { replicaMetrics } from './metrics/edge-metrics.ts';
import { logMetrics, logProblems } from './metrics/log-metrics.ts';
import { openHealthListener } from './metrics/open-health-listener.ts';
import { ServerMetrics } from './metrics/server-metrics.ts';
import { configurationMetrics, dnsMetrics, trafficMetrics, trunkMetrics } from './metrics/traffic-metrics.ts';
import { productVersion } from './product-version.ts';
import { requestSizes } from './request-sizes.ts';
import { roleLog } from './role-log.ts';
import { openRouteSeal } from './route-key-file.ts';
import { Closers, type RunningServer } from './running-server.ts';
import { writeSecret } from './secret-file.ts';
import type { EdgeServerConfiguration } from './server-configuration.ts';

/** What an Edge knows before the first snapshot: nothing, so nothing passes. */
const closedConfiguration: Configuration = compileConfiguration({ version: { epoch: 0, number: 0 }, objects: [] });

interface EdgeAssembly {
  readonly configuration: EdgeServerConfiguration;
  readonly clock: Clock;
  readonly log: ServerLog;
  readonly internal: InternalIdentity;
  readonly external: LiveIdentity;
  readonly partnerVerifier: PeerVerifier;
  readonly bundle: EnrolmentBundle;
  readonly replica: SnapshotReplica;
  readonly resolver: CountingResolver;
  readonly edge: Edge;
  readonly buffers: InboundBuffers;
  readonly metrics: ServerMetrics;
  readonly closers: Closers;
}

/** Starts an Edge from its last snapshot, or closed when there is none: it needs no Front End to serve. */
export async function startEdge(
  configuration: EdgeServerConfiguration,
  clock: Clock,
  log: ServerLog,
): Promise<Result<RunningServer>> {
  const closers = new Closers();
  const opened = await closers.unlessStarted(async () => {
    const assembly = await assemble(configuration, clock, log, closers);
    return assembly.ok ? openEverything(assembly.value) : assembly;
  });
  if (!opened.ok) return opened;
  return ok({ listening: { role: 'edge', name: configuration.name, ...opened.value }, close: () => closers.closeAll() });
}

async function openEverything(assembly: EdgeAssembly): Promise<Result<Record<string, number>>> {
  const listeners = await openListeners(assembly);
  if (!listeners.ok) return listeners;
  const { configuration, metrics, closers } = assembly;
  const health = await openHealthListener(configuration, metrics, () => edgeReadiness(assembly), closers);
  return health.ok ? ok({ ...listeners.value, ...health.value }) : health;
}

/** An Edge without a configuration lets nothing pass, and a certificate that has run out is refused by every partner. */
async function edgeReadiness({ replica, metrics }: EdgeAssembly): Promise<Readiness> {
  const lacking = replica.current ? [] : ['No configuration has arrived yet: see "parley replication status" at a Front End.'];
  const problems = [...lacking, ...metrics.problems];
  return { ready: problems.length === 0, problems: [...problems, ...metrics.remarks] };
}

async function assemble(
  configuration: EdgeServerConfiguration,
  clock: Clock,
  log: ServerLog,
  closers: Closers,
): Promise<Result<EdgeAssembly>> {
  const { name, dataFolder } = configuration;
  const metrics = new ServerMetrics('edge', productVersion, clock);
  closers.add(() => metrics.close());
  const certificates = new CertificateWatch(clock, log);
  closers.add(() => certificates.close());
  metrics.remark(() => [...certificates.problems, ...logProblems(log)]);
  const keeping = { clock, certificates, metrics };
  const internal = await loadInternalIdentity(configuration.internal, [name], keeping);
  if (!internal.ok) return internal;
  const external = await LiveIdentity.open('external', configuration.external, keeping);
  if (!external.ok) return external;
  const trust = await openLiveTrust('federationTrustFiles', configuration.federationTrustFiles, keeping);
  if (!trust.ok) return trust;
  const bundle = readEnrolment(configuration, clock);
  if (!bundle.ok) return bundle;
  const replica = await SnapshotReplica.open({
    fqdn: name,
    folder: join(dataFolder, 'replica'),
    projection: 'edge',
    verifyKeys: readVerifyKeys(bundle.value.verifyKeysPem),
    minEpoch: bundle.value.epoch,
    clock,
  });
  if (replica.lastRefusal) log.event('snapshot-refused', { code: replica.lastRefusal.code, msg: replica.lastRefusal.text });
  const resolver = openFederationResolver(configuration, clock);
  const base = {
    configuration,
    clock,
    log,
    metrics,
    internal: internal.value,
    external: external.value,
    partnerVerifier: trust.value,
    bundle: bundle.value,
    replica,
    resolver,
    buffers: new InboundBuffers(),
    closers,
  };
  const edge = makeEdge(base, external.value.keyPair.names[0] ?? name);
  metrics.add(
    ...trafficMetrics(edge.traffic.transactions),
    ...trunkMetrics(() => ({ partner: edge.traffic.partnerConnections, 'front-end': edge.traffic.frontEndConnections })),
    ...dnsMetrics(resolver.counts),
    ...configurationMetrics(() => replica.installed?.version ?? { epoch: 0, number: 0 }),
    ...replicaMetrics(replica, clock),
    ...logMetrics(log),
    certificates.metric,
  );
  return ok({ ...base, edge });
}

/** The bundle is for one enrolment: once taken, the copy in the data folder counts and does not expire. */
function readEnrolment({ name, dataFolder, enrolmentFile }: EdgeServerConfiguration, clock: Clock): Result<EnrolmentBundle> {
  const taken = takenEnrolmentFile(dataFolder);
  try {
    if (existsSync(taken)) return readEnrolmentBundle(readFileSync(taken, 'utf8'), taken, name, 0);
    const text = readFileSync(enrolmentFile, 'utf8');
    const bundle = readEnrolmentBundle(text, enrolmentFile, name, clock.now());
    if (bundle.ok) writeSecret(taken, text);
    return bundle;
  } catch (cause) {
    if (cause instanceof FailureError) throw cause;
    return err(failure('ENROLMENT_BUNDLE_UNREADABLE', { source: enrolmentFile, reason: fileProblem(cause) }, cause));
  }
}

function makeEdge(base: Omit<EdgeAssembly, 'edge'>, externalFqdn: string): Edge {
  const { configuration, clock, log, internal, external, partnerVerifier, replica, resolver } = base;
  const { name } = configuration;
  const owners = new EdgeOwners(requestSizes(configuration.limits));
  base.metrics.limits(...owners.limits);
  const edge: Edge = new Edge({
    clock,
    owners,
    fqdn: name,
    outsideSide: { transport: 'TLS', host: externalFqdn, port: configuration.external.port },
    insideSide: { transport: 'TLS', host: name, port: configuration.inside.port },
    configuration: {
      get current() {
        return replica.current ?? closedConfiguration;
      },
    },
    classifier: new DomainClassifier(resolver, randomFraction),
    routeSeal: openRouteSeal(configuration.dataFolder, clock, true),
    log: roleLog(log, base.metrics.refusals),
    openPartnerTrunk: handler =>
      trunkOpener({
        clock,
        resolver,
        identity: () => external.tls,
        verifier: partnerVerifier,
        handler,
        localAddress: localAddressOf(configuration.external.host),
        buffers: base.buffers,
        longestBody: connection => edge.longestBody(connection),
      }),
    openInsideTrunk: handler =>
      trunkOpener({ clock, resolver, identity: () => internal.identity.tls, verifier: internal.verifier, handler }),
  });
  base.closers.add(() => edge.close());
  return edge;
}

/** Partners see us come from the address we listen on; from any where that is "all". */
function localAddressOf(host: string): string | undefined {
  return host === '0.0.0.0' || host === '::' ? undefined : host;
}

async function openListeners(assembly: EdgeAssembly): Promise<Result<Record<string, number>>> {
  const { configuration, clock, edge, internal, external, partnerVerifier, log, metrics, closers } = assembly;
  const trunk = { clock, peerCertificate: 'required' as const };
  const places = connectionPlaces(configuration.limits);
  metrics.limits(places.limit, ...assembly.buffers.limits);
  const outside = await listenTls({
    ...trunk,
    ...addressOf(configuration.external),
    handler: edge.outsideHandler,
    connections: places.open,
    buffers: assembly.buffers,
    longestBody: connection => edge.longestBody(connection),
    connectionLimits: clientConnectionLimits(configuration.limits, partnerConnectionLimits),
    identity: external.tls,
    verifier: partnerVerifier,
    onConnection: ({ peer }) => edge.provedAlive(peer?.names ?? []),
    onRefused: (why, address) => log.failure('peer-turned-away', why, address),
  });
  if (!outside.ok) return outside;
  metrics.listener('external', outside.value);
  external.shownBy(outside.value);
  closers.add(() => outside.value.close());
  const inside = await listenTls({
    ...trunk,
    ...addressOf(configuration.inside),
    handler: edge.insideHandler,
    connections: places.inside,
    maxPerOwner: trunksPerServer,
    connectionLimits: trunkConnectionLimits,
    identity: internal.identity.tls,
    verifier: internal.verifier,
    onConnection: ({ peer }) => edge.provedAlive(peer?.names ?? []),
    onRefused: (why, address) => log.failure('trunk-turned-away', why, address),
  });
  if (!inside.ok) return inside;
  metrics.listener('inside', inside.value);
  internal.identity.shownBy(inside.value);
  closers.add(() => inside.value.close());
  const replication = await openReplication(assembly);
  if (!replication.ok) return replication;
  internal.identity.shownBy(replication.value);
  metrics.limits(replication.value.connectionLimit);
  closers.add(() => replication.value.close());
  edge.greetNextHop();
  return ok({ externalPort: outside.value.port, insidePort: inside.value.port, replicationPort: replication.value.port });
}

function addressOf({ host, port }: { readonly host: string; readonly port: number }) {
  return { host, port };
}

async function openReplication(assembly: EdgeAssembly): Promise<Result<ReplicaReceiver>> {
  const { configuration, clock, internal, bundle, replica, edge, log } = assembly;
  const { name, replication } = configuration;
  try {
    return ok(
      await ReplicaReceiver.open({
        fqdn: name,
        ...addressOf(replication),
        identity: internal.replication,
        verifyPeer: internal.verifySocket,
        allowedNames: () => new Set(bundle.internalNames),
        replica,
        probe: { run: job => probe(assembly, job) },
        clock,
        productVersion,
        onPeer: names => edge.provedAlive(names),
        onRefused: refusal => log.failure('replication-refused', refusal),
      }),
    );
  } catch (cause) {
    return err(listenFailure(cause as NodeJS.ErrnoException, replication.host, replication.port));
  }
}

/** Looks at something from where the Edge stands, for the checks of the Front End. */
async function probe(
  { clock, resolver, external, partnerVerifier, configuration }: EdgeAssembly,
  job: unknown,
): Promise<unknown> {
  const openers = (target: { host: string; port: number }, address: string) =>
    trunkOpener({
      clock,
      resolver: { ...resolver, addresses: async () => ({ kind: 'found', records: [{ address, family: 4 }] }) },
      identity: () => external.tls,
      verifier: partnerVerifier,
      handler: { onMessage() {}, onBad() {}, onClosed() {} },
      localAddress: localAddressOf(configuration.external.host),
    })(target);
  return runProbe(
    {
      resolver,
      async connect(host, address, port) {
        const opened = await openers({ host, port }, address);
        if (!opened.ok) return opened;
        const names = opened.value.peer?.names ?? [];
        opened.value.close('probe done');
        const named = requirePeerName(names, [host]);
        return named.ok ? ok({ names }) : named;
      },
    },
    ProbeJob.parse(job),
  );
}
