import { promises as dns } from 'node:dns';
import { join } from 'node:path';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type ManagementApi, startManagementApi } from '../management/http-api/management-api.ts';
import { Management } from '../management/management.ts';
import type { DomainProofPort, ReplicationPort } from '../management/management-ports.ts';
import type { Fqdn } from '../model/names.ts';
import { createEnrolmentBundle } from '../replication/enrolment.ts';
import { SnapshotPusher } from '../replication/snapshot-pusher.ts';
import {
  createSnapshotKeyPem,
  readSigningKey,
  type SnapshotSigningKey,
  verifyKeyPem,
} from '../replication/snapshot-signature.ts';
import { readApiTokens } from './api-token-file.ts';
import { serverBackupLines } from './backup/make-backup.ts';
import type { FrontEndAssembly } from './front-end-assembly.ts';
import { LiveIdentity } from './live-identity.ts';
import { replicationMetrics } from './metrics/front-end-metrics.ts';
import { readinessPort } from './readiness-port.ts';
import { secretFile } from './secret-file.ts';
import { frontEndReadiness } from './store-readiness.ts';

/** How long an Edge may take for one exchange. */
const replicationTimeoutMs = 10_000;
/** How long an enrolment bundle may be on its way to the Edge. */
const enrolmentLifeMs = 24 * 3_600_000;

/** Starts replication to the Edges, the command layer and its API. Fails with TOKEN_FILE_UNUSABLE, as reading the certificate does, or as the API does. */
export async function startFrontEndManagement(assembly: FrontEndAssembly): Promise<Result<ManagementApi>> {
  const { configuration, clock, store, source, directory, sealer, internal, resolver, closers, crew } = assembly;
  const signingKey = secretFile(
    join(configuration.dataFolder, 'secrets', 'snapshot-key.pem'),
    createSnapshotKeyPem,
    readSigningKeyFile,
    'every Edge then has to be enrolled again',
  );
  const pusher = new SnapshotPusher({
    source,
    signingKey: () => signingKey,
    onAlive: edge => assembly.frontEnd.provedAlive([edge]),
    clock,
    identity: internal.replication,
    verifyPeer: internal.verifySocket,
    timeoutMs: replicationTimeoutMs,
    addressOf: async fqdn => {
      const answer = await resolver.addresses(fqdn);
      if (answer.kind === 'found') return ok((answer.records[0] as { address: string }).address);
      return err(failure('ADDRESS_UNAVAILABLE', { host: fqdn, answer: answer.kind }));
    },
  });
  closers.add(() => pusher.close());
  assembly.metrics.add(...replicationMetrics(() => pusher.status(), clock));
  const management = new Management({
    clock,
    store,
    configuration: source,
    users: directory,
    applyElsewhere: change => crew?.apply(change) ?? Promise.resolve(),
    sealer,
    replication: replicationPort(assembly, pusher, verifyKeyPem(signingKey)),
    readiness: readinessPort({ clock, configuration: source, directory, pusher }),
    domainProof: domainProofPort(configuration.nameServers),
    deployment: configuration.deployment,
  });
  closers.add(() => management.close());
  return openApi(assembly, management);
}

async function openApi(assembly: FrontEndAssembly, management: Management): Promise<Result<ManagementApi>> {
  const { configuration, clock, log, store, metrics, closers } = assembly;
  const { host, port, tokenFile } = configuration.api;
  const tokens = readApiTokens(tokenFile);
  if (!tokens.ok) return tokens;
  const identity = await openApiIdentity(assembly);
  if (!identity.ok) return identity;
  const api = await startManagementApi({
    host,
    port,
    clock,
    tokens: tokens.value,
    ...(identity.value ? { tls: identity.value.tls } : {}),
    management,
    readiness: frontEndReadiness(assembly),
    metrics: () => metrics.text(),
    reportFault: (id, fault) => void log.fault('management', fault, id),
    reportWrongToken: wrong => log.failure('api-token-refused', wrong),
    backup: () => serverBackupLines(store, configuration, clock),
  });
  if (!api.ok) return api;
  identity.value?.shownBy(api.value);
  closers.add(() => api.value.close());
  return api;
}

/** The certificate of the API, where it has one. Fails as reading the files does, or with CERTIFICATE_NAME_LACKING. */
async function openApiIdentity(assembly: FrontEndAssembly): Promise<Result<LiveIdentity | undefined>> {
  const { tls } = assembly.configuration.api;
  return tls ? LiveIdentity.open('api.tls', { ...tls, requiredNames: [assembly.configuration.name] }, assembly) : ok(undefined);
}

function readSigningKeyFile(text: string): SnapshotSigningKey {
  try {
    return readSigningKey(text);
  } catch (cause) {
    throw new Error('it is no private key', { cause });
  }
}

function replicationPort(
  { configuration, source, internal, clock }: FrontEndAssembly,
  pusher: SnapshotPusher,
  verifyKey: string,
): ReplicationPort {
  return {
    async waitForApplied(version, timeoutMs) {
      // the command's own revision has to be in what is pushed
      await source.refresh();
      return pusher.waitForApplied(version, timeoutMs);
    },
    status: () => pusher.status(),
    invoke: async replicaFqdn => pusher.invoke(replicaFqdn),
    enrol: async edgeFqdn => {
      const known = [...source.current.edgeServers].some(
        ([pool, { computers }]) => pool === edgeFqdn || computers.some(c => c.fqdn === edgeFqdn),
      );
      if (!known) return err(failure('EDGE_NOT_IN_TOPOLOGY', { fqdn: edgeFqdn }));
      return ok(
        createEnrolmentBundle({
          recipient: edgeFqdn as Fqdn,
          internalCaPem: internal.verifier.pem,
          verifyKeysPem: [verifyKey],
          internalNames: [configuration.pool, configuration.name],
          epoch: source.current.version.epoch,
          certificateChainPem: null,
          expiresAtMs: clock.now() + enrolmentLifeMs,
        }),
      );
    },
  };
}

function domainProofPort(nameServers: readonly string[]): DomainProofPort {
  const resolver = new dns.Resolver({ timeout: 1000, tries: 3 });
  if (nameServers.length > 0) resolver.setServers(nameServers);
  return {
    async lookUpTxt(name) {
      try {
        return ok((await resolver.resolveTxt(name)).map(chunks => chunks.join('')));
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        if (code === 'ENOTFOUND' || code === 'ENODATA') return ok([]);
        return err(failure('ADDRESS_UNAVAILABLE', { host: name, answer: code ?? 'nothing' }, cause));
      }
    },
  };
}
