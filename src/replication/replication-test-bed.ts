import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { type Clock, systemClock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { Listeners } from '../base/listeners.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Authority, createAuthority, issueCertificate } from '../certificates/issue.ts';
import { createPeerPathVerifier } from '../certificates/peer-path.ts';
import { parseTrustStore } from '../certificates/trust-store.ts';
import { type ConfigurationDocument, type ConfigurationKind, configurationKinds } from '../model/configuration-object.ts';
import { readPeerChain, type VerifiedPeer } from '../wire/peer-verifier.ts';
import { type ReceiverOptions, ReplicaReceiver } from './replica-receiver.ts';
import type { ReplicationIdentity, VerifyPeerSocket } from './replication-protocol.ts';
import type { PusherOptions, SnapshotSource } from './snapshot-pusher.ts';
import { type ReplicaOptions, SnapshotReplica } from './snapshot-replica.ts';
import {
  createSnapshotKeyPem,
  readSigningKey,
  readVerifyKeys,
  type SnapshotSigningKey,
  verifyKeyPem,
} from './snapshot-signature.ts';

/** FQDN of the Edge computer of the test bed. */
export const edgeFqdn = 'edge.contoso.test';
/** FQDN of its Front End. */
export const frontEndFqdn = 'fe.contoso.test';

/** An object in short: kind, identity, version, body. */
export type ShortObject = readonly [ConfigurationKind, string, number, object?];

/** A document of one tenant; the Edge of the topology is there at `port`. */
export function documentOf(number: number, objects: readonly ShortObject[], port = 4443, epoch = 1): ConfigurationDocument {
  const edge = { site: 'main', externalFqdn: 'sip.contoso.test', computers: [{ fqdn: edgeFqdn }], registrar: frontEndFqdn };
  const all: ShortObject[] = [['CsEdgeServer', edgeFqdn, 1, { ...edge, replicationPort: port }], ...objects];
  return {
    version: { epoch, number },
    objects: all.map(([kind, identity, version, body = {}]) => {
      const owner = configurationKinds[kind].owner === 'deployment' ? 'deployment' : '01J';
      return { kind, owner, identity, version, body: configurationKinds[kind].schema.parse(body) };
    }) as unknown as ConfigurationDocument['objects'],
  };
}

/** A source whose document a test sets. */
export class TestSource implements SnapshotSource {
  document: ConfigurationDocument;
  readonly #listeners = new Listeners<[]>();

  constructor(document: ConfigurationDocument) {
    this.document = document;
  }

  set(document: ConfigurationDocument): void {
    this.document = document;
    this.#listeners.tell();
  }

  onChanged(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }
}

/** One internal CA, the identities of both sides, a signing key and a folder: what replication tests share. */
export class ReplicationTestBed {
  readonly folder = mkdtempSync(join(tmpdir(), 'parley-replication-'));
  readonly authority: Authority;
  readonly signingKey: SnapshotSigningKey = readSigningKey(createSnapshotKeyPem());
  readonly #open: { close(): unknown }[] = [];
  #folders = 0;

  private constructor(authority: Authority) {
    this.authority = authority;
  }

  static async create(): Promise<ReplicationTestBed> {
    return new ReplicationTestBed(await createAuthority({ name: 'Internal CA', validDays: 2 }));
  }

  newFolder(): string {
    return join(this.folder, String(this.#folders++));
  }

  /** Closed with the bed, the last first. */
  keep<T extends { close(): unknown }>(closable: T): T {
    this.#open.push(closable);
    return closable;
  }

  async close(): Promise<void> {
    for (const closable of this.#open.reverse()) await closable.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async identity(names: readonly string[], authority: Authority = this.authority): Promise<ReplicationIdentity> {
    const issued = await issueCertificate(authority, { names, days: 1, eku: 'both' });
    return { chainPem: issued.chainPem, keyPem: issued.keyPem };
  }

  /** The real path verifier on the internal CA. */
  get verifyPeer(): VerifyPeerSocket {
    const trust = parseTrustStore(this.authority.certificatePem, 'test');
    if (!trust.ok) throw new Error(trust.error.text);
    const verifier = createPeerPathVerifier(trust.value, systemClock);
    return (socket: TLSSocket): Result<Pick<VerifiedPeer, 'names'>> => {
      const chain = readPeerChain(socket);
      return chain ? verifier.verify(chain) : err(failure('CERTIFICATE_MISSING'));
    };
  }

  async replica(folder: string, change: Partial<ReplicaOptions> = {}): Promise<SnapshotReplica> {
    const verifyKeys = readVerifyKeys([verifyKeyPem(this.signingKey)]);
    return SnapshotReplica.open({
      fqdn: edgeFqdn,
      folder,
      projection: 'edge',
      verifyKeys,
      minEpoch: 1,
      clock: systemClock,
      ...change,
    });
  }

  async receiver(replica: SnapshotReplica, change: Partial<ReceiverOptions> = {}): Promise<ReplicaReceiver> {
    return this.keep(
      await ReplicaReceiver.open({
        fqdn: edgeFqdn,
        host: '127.0.0.1',
        port: 0,
        identity: await this.identity([edgeFqdn]),
        verifyPeer: this.verifyPeer,
        allowedNames: () => new Set([frontEndFqdn]),
        replica,
        probe: { run: async job => ({ echo: job }) },
        clock: systemClock,
        productVersion: 'test',
        ...change,
      }),
    );
  }

  async pusherOptions(source: SnapshotSource, change: Partial<PusherOptions> = {}): Promise<PusherOptions> {
    return {
      source,
      signingKey: () => this.signingKey,
      clock: systemClock as Clock,
      identity: await this.identity([frontEndFqdn]),
      verifyPeer: this.verifyPeer,
      addressOf: async () => ok('127.0.0.1'),
      timeoutMs: 5_000,
      ...change,
    };
  }
}
