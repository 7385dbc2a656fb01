import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import { FailureError } from '../../src/base/failure.ts';
import { requirePeerName } from '../../src/certificates/names.ts';
import { createPeerPathVerifier, type PeerPathVerifier } from '../../src/certificates/peer-path.ts';
import { parseTrustStore } from '../../src/certificates/trust-store.ts';
import { contoso, labPolicy, lynconline } from '../../src/lab/deployment-plan.ts';
import { type PlayStage, playPassword } from '../../src/testing/play-stage.ts';
import type { PlayChange, PlayOrganisation } from '../../src/testing/play-step.ts';
import { connectTls } from '../../src/wire/connect.ts';
import { type Connection, type ConnectionHandler, userConnectionLimits } from '../../src/wire/connection.ts';
import { LabUnderTest, type OrganisationName } from '../support/lab-under-test.ts';

const arrivalMs = 10_000;
const pollMs = 2;
const connectTimeoutMs = 5_000;
const labNames: Readonly<Record<PlayOrganisation, OrganisationName>> = { contoso: 'contoso', fabrikam: 'lynconline' };

/** The lab: four server processes, real TLS, real DNS, real time. */
export class LabStage implements PlayStage {
  readonly clock = systemClock;
  readonly #lab: LabUnderTest;
  readonly #verifier: PeerPathVerifier;

  private constructor(lab: LabUnderTest) {
    this.#lab = lab;
    const trust = parseTrustStore(readFileSync(lab.file.ca, 'utf8'), lab.file.ca);
    if (!trust.ok) throw new FailureError(trust.error);
    this.#verifier = createPeerPathVerifier(trust.value, systemClock);
  }

  static async start(): Promise<LabStage> {
    return LabStage.on(await LabUnderTest.start());
  }

  /** On a lab that runs already, which ends with the stage. */
  static on(lab: LabUnderTest): LabStage {
    return new LabStage(lab);
  }

  async connect(address: string, handler: ConnectionHandler): Promise<Connection> {
    const { frontEnd } = this.#lab.organisation(address.endsWith('@contoso.test') ? 'contoso' : 'lynconline');
    const connected = await connectTls({
      address: frontEnd.host,
      port: frontEnd.tlsPort,
      serverName: frontEnd.fqdn,
      clock: systemClock,
      handler,
      connectionLimits: userConnectionLimits,
      timeoutMs: connectTimeoutMs,
      verifier: {
        verify: chain => {
          const peer = this.#verifier.verify(chain);
          if (!peer.ok) return peer;
          const named = requirePeerName(peer.value.names, [frontEnd.fqdn]);
          return named.ok ? peer : named;
        },
      },
    });
    if (!connected.ok) throw new FailureError(connected.error);
    return connected.value;
  }

  async change(change: PlayChange): Promise<void> {
    const [command, parameters] = commandOf(change);
    await this.#lab.run(labNames[change.organisation], command, parameters);
  }

  async until<T>(look: () => T | undefined): Promise<T | undefined> {
    const end = this.clock.monotonic() + arrivalMs;
    for (;;) {
      const found = look();
      if (found !== undefined || this.clock.monotonic() > end) return found;
      await delay(pollMs);
    }
  }

  /** Nobody knows what is still on its way between processes: a play asks for what has to come before it asks for nothing. */
  async settle(): Promise<void> {
    await delay(pollMs);
  }

  stop(): Promise<void> {
    return this.#lab.stop();
  }
}

function commandOf(change: PlayChange): [command: string, parameters: Readonly<Record<string, unknown>>] {
  switch (change.kind) {
    case 'domain':
      return ['Set-CsFederatedDomain', { identity: [change.domain], list: change.list }];
    case 'policy':
      return ['Grant-CsExternalAccessPolicy', { identity: [change.address], policyName: change.granted ? labPolicy : null }];
    case 'user':
      return ['Set-CsUser', { identity: [change.address], enabled: change.enabled }];
    case 'account': {
      const { address, exists } = change;
      if (!exists) return ['Disable-CsUser', { identity: [address], confirm: false }];
      const users = [{ identity: address, password: playPassword(address) }];
      return ['Enable-CsUser', { users, externalAccessPolicy: labPolicy }];
    }
    case 'edge-pool': {
      const { edge } = change.organisation === 'contoso' ? contoso : lynconline;
      return ['Set-CsEdgeServer', { identity: edge.internalFqdn, federationEnabled: change.published }];
    }
    case 'block-list': {
      const { address, entry, isBlocked } = change;
      return ['Set-CsUserBlockList', { identity: [address], [isBlocked ? 'add' : 'remove']: [entry] }];
    }
  }
}
