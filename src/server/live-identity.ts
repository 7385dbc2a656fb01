import type { Clock } from '../base/clock.ts';
import { ok, type Result } from '../base/result.ts';
import { type KeyPair, type KeyPairFiles, loadKeyPair } from '../certificates/key-pair-file.ts';
import { createPeerPathVerifier } from '../certificates/peer-path.ts';
import { loadTrustStore } from '../certificates/trust-store.ts';
import type { TlsIdentity } from '../wire/listener.ts';
import type { PeerVerifier } from '../wire/peer-verifier.ts';
import type { CertificateWatch } from './certificate-watch.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';

/** Whoever shows a certificate to those who connect. */
export interface IdentityUser {
  /** Shows another one from the next connection on. Fails with TLS_SETTINGS_UNUSABLE, and then shows the former. */
  setIdentity(identity: TlsIdentity): Result<void>;
}

/** What keeps certificates in memory those of their files. */
export interface CertificateKeeping {
  readonly clock: Clock;
  readonly certificates: CertificateWatch;
  readonly metrics: Pick<ServerMetrics, 'certificate'>;
}

/** A certificate of ours with its key, the present one whenever it is asked for. */
export class LiveIdentity {
  readonly #users: IdentityUser[] = [];
  #keyPair: KeyPair;
  #tls: TlsIdentity;

  constructor(keyPair: KeyPair) {
    this.#keyPair = keyPair;
    this.#tls = tlsOf(keyPair);
  }

  /**
   * Loads a certificate and keeps it that of its files; `name` is their key in the configuration file.
   * Fails as `loadKeyPair`.
   */
  static async open(name: string, files: KeyPairFiles, keeping: CertificateKeeping): Promise<Result<LiveIdentity>> {
    const { clock, certificates, metrics } = keeping;
    const loaded = await loadKeyPair(files, clock);
    if (!loaded.ok) return loaded;
    const identity = new LiveIdentity(loaded.value);
    metrics.certificate(name, loaded.value.notAfterMs);
    certificates.keep(name, [files.certificateFile, files.keyFile], async () => {
      const keyPair = await loadKeyPair(files, clock);
      if (!keyPair.ok) return keyPair;
      const taken = identity.#take(keyPair.value);
      if (taken.ok) metrics.certificate(name, keyPair.value.notAfterMs);
      return taken;
    });
    return ok(identity);
  }

  get keyPair(): KeyPair {
    return this.#keyPair;
  }

  /** As TLS wants it. */
  get tls(): TlsIdentity {
    return this.#tls;
  }

  /** Gives every later certificate to somebody who has been given the present one. */
  shownBy(user: IdentityUser): void {
    this.#users.push(user);
  }

  #take(keyPair: KeyPair): Result<void> {
    const tls = tlsOf(keyPair);
    const refused = this.#users.map(user => user.setIdentity(tls)).find(set => !set.ok);
    if (refused) {
      // all show the former again, or some would go on with one that is not watched over
      for (const user of this.#users) user.setIdentity(this.#tls);
      return refused;
    }
    this.#keyPair = keyPair;
    this.#tls = tls;
    return ok(undefined);
  }
}

function tlsOf({ chainPem, keyPem }: KeyPair): TlsIdentity {
  return { cert: chainPem, key: keyPem };
}

/** A verifier by CA certificates, with those it believes now. */
export interface LiveTrust extends PeerVerifier {
  /** PEM. */
  readonly pem: string;
}

/** A verifier by the CA certificates that some files hold, whenever it is asked; `name` as above. Fails as `loadTrustStore`. */
export async function openLiveTrust(
  name: string,
  files: readonly string[],
  { clock, certificates }: Pick<CertificateKeeping, 'clock' | 'certificates'>,
): Promise<Result<LiveTrust>> {
  const loaded = await loadTrustStore({ files });
  if (!loaded.ok) return loaded;
  let { pem } = loaded.value;
  let current: PeerVerifier = createPeerPathVerifier(loaded.value, clock);
  certificates.keep(name, files, async () => {
    const trust = await loadTrustStore({ files });
    if (!trust.ok) return trust;
    ({ pem } = trust.value);
    current = createPeerPathVerifier(trust.value, clock);
    return ok(undefined);
  });
  return ok({
    get pem() {
      return pem.join('\n');
    },
    verify: chain => current.verify(chain),
  });
}
